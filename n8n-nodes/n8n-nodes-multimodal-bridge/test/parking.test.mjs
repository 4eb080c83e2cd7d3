// Executions that sleep until the bridge calls back.
import assert from 'node:assert/strict';
import test from 'node:test';
import { execution, json, nodeClass, run, webhookCall } from './context.mjs';

const Analysis = nodeClass('MultimodalAnalysis');
const PARK = { source: 'text', text: 'x', analysisType: 'content', waitMode: 'park' };
const ended = (more = {}) => ({
	type: 'run.completed',
	data: { run_id: 'r1', status: 'completed' },
	...more,
});
const resume = async (context) => await new Analysis().webhook.call(context);
const mine = { n8n: { node: 'Ana lyse ü' } };

test('a parked run gets the resume URL and sleeps beyond its own deadline', async () => {
	const deadline = new Date(Date.now() + 600_000).toISOString();
	const context = execution({
		params: PARK,
		respond: () => json(202, run('queued', { deadline })),
	});
	await new Analysis().execute.call(context);
	assert.equal(
		context.requests[0].headers['X-Callback-Url'],
		'http://n8n/webhook-waiting/77?signature=s',
	);
	assert.ok(context.state.parkedUntil.getTime() > Date.parse(deadline) + 24 * 3600 * 1000);
});

test('a run that ended at once is not slept for', async () => {
	const context = execution({
		params: PARK,
		respond: () => json(202, run('completed', { result: { a: 1 } })),
	});
	const [[item]] = await new Analysis().execute.call(context);
	assert.equal(item.json.a, 1);
	assert.equal(context.state.parkedUntil, undefined);
});

test('several items cannot sleep', async () => {
	const context = execution({
		items: [{}, {}],
		params: PARK,
		respond: () => json(202, run('queued')),
	});
	await assert.rejects(new Analysis().execute.call(context), /one item per run/);
	assert.equal(context.requests.length, 0);
});

test('the call wakes the execution with the result, claimed after it was fetched', async () => {
	const context = webhookCall({
		body: ended(),
		respond: ({ url }) =>
			url.endsWith('/claim')
				? json(200, {})
				: json(200, run('completed', { result: { a: 1 }, ...mine })),
	});
	const { workflowData } = await resume(context);
	assert.deepEqual(workflowData, [[{ json: { run_id: 'r1', a: 1 }, pairedItem: { item: 0 } }]]);
	assert.deepEqual(
		context.requests.map(({ url }) => url),
		['/v1/runs/r1', '/v1/runs/r1/claim'],
	);
});

test('a failed run wakes it with error and details', async () => {
	const error = { status: 422, detail: 'Too long.', code: 'unusable' };
	const context = webhookCall({
		body: ended(),
		respond: ({ url }) =>
			url.endsWith('/claim') ? json(200, {}) : json(200, run('failed', { error })),
	});
	const { workflowData } = await resume(context);
	assert.equal(workflowData[0][0].json.error, 'Too long.');
	assert.equal(workflowData[0][0].json.details.run_id, 'r1');
});

const refusals = [
	['a call that names no run', { body: {}, respond: () => json(200, {}) }, 400],
	['a run that has not ended', { body: ended(), respond: () => json(200, run('running')) }, 409],
	[
		'a result that was delivered before',
		{
			body: ended(),
			respond: ({ url }) =>
				url.endsWith('/claim')
					? json(409, { detail: 'Claimed.' })
					: json(200, run('completed', { result: {} })),
		},
		409,
	],
	[
		'a run of another node',
		{
			body: ended(),
			respond: () => json(200, run('completed', { result: {}, n8n: { node: 'Other' } })),
		},
		409,
	],
	[
		'a run of another step',
		{
			body: ended(),
			respond: () => json(200, run('completed', { step: 'deployment', result: {} })),
		},
		409,
	],
	[
		'a run the bridge does not know',
		{ body: ended(), respond: () => json(404, { detail: 'No run.' }) },
		410,
	],
	['a bridge that cannot answer', { body: ended(), respond: () => json(503, {}) }, 503],
	[
		'a bridge that cannot be reached',
		{ body: ended(), respond: () => new Error('ECONNRESET') },
		503,
	],
];
for (const [what, call, status] of refusals) {
	test(`${what} leaves the execution asleep`, async () => {
		const context = webhookCall(call);
		assert.deepEqual(await resume(context), { noWebhookResponse: true });
		assert.equal(context.answer.status, status);
	});
}
