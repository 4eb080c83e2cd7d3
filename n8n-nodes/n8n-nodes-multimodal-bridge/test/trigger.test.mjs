// The Bridge Trigger: registration, removal, and who may start the workflow.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import test from 'node:test';
import { hookCall, json, nodeClass, transport, webhookCall } from './context.mjs';

const Trigger = nodeClass('BridgeTrigger');
const hooks = new Trigger().webhookMethods.default;
const SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
const EVENT = {
	type: 'git_push',
	timestamp: '2026-01-01T00:00:00Z',
	data: { branch: 'main', claim: 'c' },
};
const RAW = Buffer.from(`${JSON.stringify(EVENT)} `);

function signed({
	secret = SECRET,
	id = 'msg_1',
	at = Math.floor(Date.now() / 1000),
	raw = RAW,
	version = 'v1',
} = {}) {
	const key = Buffer.from(secret.slice(6), 'base64');
	const signature = createHmac('sha256', key).update(`${id}.${at}.`).update(raw).digest('base64');
	return {
		'webhook-id': id,
		'webhook-timestamp': String(at),
		'webhook-signature': `${version},${signature}`,
	};
}

async function deliver(
	headers,
	{ raw = RAW, staticData = { live: { id: 'w1', secret: SECRET } }, mode = 'webhook' } = {},
) {
	const context = webhookCall({
		body: EVENT,
		rawBody: raw,
		headers,
		staticData,
		mode,
		respond: () => json(200, {}),
	});
	return { given: await new Trigger().webhook.call(context), answer: context.answer };
}

test('a signed event starts the workflow with its body', async () => {
	const { given } = await deliver(signed());
	assert.deepEqual(given.workflowData, [[{ json: EVENT }]]);
});

test('one good signature among several is enough, while secrets are changed', async () => {
	const headers = signed();
	headers['webhook-signature'] =
		`v1,${Buffer.alloc(32).toString('base64')} v1a,xyz ${headers['webhook-signature']}`;
	assert.ok((await deliver(headers)).given.workflowData);
});

const old = Math.floor(Date.now() / 1000) - 301;
const refused = [
	['without headers', {}],
	['with another secret', signed({ secret: `whsec_${Buffer.from('another').toString('base64')}` })],
	['that is too old', signed({ at: old })],
	['from the future', signed({ at: Math.floor(Date.now() / 1000) + 302 })],
	['with another body', signed({ raw: Buffer.from(JSON.stringify(EVENT)) })],
	['with another id', { ...signed(), 'webhook-id': 'msg_2' }],
	[
		'with another timestamp',
		{ ...signed(), 'webhook-timestamp': String(Math.floor(Date.now() / 1000) - 5) },
	],
	['with a timestamp that is no number', { ...signed(), 'webhook-timestamp': 'now' }],
	['of another version', signed({ version: 'v2' })],
	['with an empty signature', { ...signed(), 'webhook-signature': 'v1,' }],
	['with a short signature', { ...signed(), 'webhook-signature': 'v1,YWJj' }],
	['with repeated headers', { ...signed(), 'webhook-signature': [signed()['webhook-signature']] }],
];
for (const [what, headers] of refused) {
	test(`an event ${what} is refused`, async () => {
		const { given, answer } = await deliver(headers);
		assert.deepEqual(given, { noWebhookResponse: true });
		assert.equal(answer.status, 401);
	});
}

for (const [what, staticData] of [
	['no', {}],
	['an empty', { live: { id: 'w', secret: 'whsec_' } }],
	['a foreign', { live: { id: 'w', secret: 'plain' } }],
]) {
	test(`with ${what} secret nothing is believed`, async () => {
		const { answer } = await deliver(signed({ secret: 'whsec_' }), { staticData });
		assert.equal(answer.status, 401);
	});
}

test('the test address believes the test secret only', async () => {
	assert.equal((await deliver(signed(), { mode: 'manual' })).answer.status, 401);
	assert.ok(
		(await deliver(signed(), { mode: 'manual', staticData: { test: { id: 'w', secret: SECRET } } }))
			.given.workflowData,
	);
});

const REGISTER = {
	params: {
		events: ['git_push'],
		additionalOptions: { cron: '', branches: ['main'], extraConfig: '{"depth": 2}' },
	},
};

test('activation registers the address with a fresh secret', async () => {
	const context = hookCall({ ...REGISTER, respond: () => json(201, { id: 'w9' }) });
	assert.equal(await hooks.create.call(context), true);
	const { body } = context.requests[0];
	assert.deepEqual(
		{ ...body, secret: '' },
		{
			url: 'http://n8n/webhook/x/webhook',
			events: ['git_push'],
			config: { branches: ['main'], depth: 2 },
			secret: '',
			workflow_id: 'wf-1',
			node: 'Ana lyse ü',
			test: false,
		},
	);
	assert.equal(Buffer.from(body.secret.slice(6), 'base64').length, 32);
	assert.deepEqual(context.staticData, { live: { id: 'w9', secret: body.secret } });
	const again = hookCall({ ...REGISTER, respond: () => json(201, { id: 'w9' }) });
	await hooks.create.call(again);
	assert.notEqual(again.requests[0].body.secret, body.secret);
});

test('a test listens apart from the published workflow', async () => {
	const staticData = { live: { id: 'w1', secret: SECRET } };
	const context = hookCall({
		...REGISTER,
		activation: 'manual',
		staticData,
		respond: () => json(201, { id: 'w2' }),
	});
	await hooks.create.call(context);
	assert.equal(context.requests[0].body.test, true);
	assert.equal(staticData.live.id, 'w1');
	assert.equal(staticData.test.id, 'w2');
});

const registered = () => ({ live: { id: 'w1', secret: SECRET } });
for (const [what, respond, expected] of [
	['is there', () => json(200, { id: 'w1', url: 'http://n8n/webhook/x/webhook' }), true],
	['has another address', () => json(200, { id: 'w1', url: 'http://n8n/old' }), false],
	['is gone', () => json(404, {}), false],
]) {
	test(`a registration that ${what} is seen`, async () => {
		assert.equal(
			await hooks.checkExists.call(hookCall({ staticData: registered(), respond })),
			expected,
		);
	});
}

test('a bridge in trouble is not taken for a missing registration', async () => {
	const staticData = registered();
	await assert.rejects(
		hooks.checkExists.call(
			hookCall({ staticData, respond: () => json(503, { detail: 'Starting.' }) }),
		),
		/Starting/,
	);
	assert.equal(staticData.live.id, 'w1');
});

test('deactivation removes the registration, also one that is already gone', async () => {
	for (const status of [204, 404]) {
		const staticData = registered();
		const context = hookCall({ staticData, respond: () => json(status, {}) });
		assert.equal(await hooks.delete.call(context), true);
		assert.equal(context.requests[0].method, 'DELETE');
		assert.deepEqual(staticData, {});
	}
});

test('a removal that failed is said and can be repeated', async () => {
	const staticData = registered();
	assert.equal(
		await hooks.delete.call(hookCall({ staticData, respond: () => json(500, {}) })),
		false,
	);
	assert.equal(staticData.live.id, 'w1');
});

test('the tolerance is 300 seconds on both sides', () => {
	const { isSigned } = transport('signatures');
	const at = 1_700_000_000;
	for (const [now, expected] of [
		[at - 300, true],
		[at + 300, true],
		[at - 301, false],
		[at + 301, false],
	]) {
		assert.equal(isSigned(SECRET, signed({ at }), RAW, now * 1000), expected);
	}
});
