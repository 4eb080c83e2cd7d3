// How a step's node calls the bridge and what it makes of the answers.
import assert from 'node:assert/strict';
import test from 'node:test';
import { execution, json, noAnswer, nodeClass, run } from './context.mjs';

const Analysis = nodeClass('MultimodalAnalysis');
const TEXT = {
	source: 'text',
	text: (index) => `t${index}`,
	analysisType: 'security',
	waitMode: 'poll',
};
const execute = async (context, Node = Analysis) => (await new Node().execute.call(context))[0];
const problem = (status, more = {}) =>
	json(status, {
		title: 'Invalid input',
		detail: 'The text is empty. Send one.',
		code: 'invalid-input',
		...more,
	});

test('the body is the input alone, with who asks in the headers', async () => {
	const context = execution({
		params: TEXT,
		runIndex: 3,
		respond: () => json(200, { run_id: 'r1' }),
	});
	await execute(context);
	const [request] = context.requests;
	assert.equal(request.baseURL, 'http://bridge');
	assert.equal(request.url, '/v1/steps/multimodal_analysis');
	assert.deepEqual(request.body, { text: 't0', analysis_type: 'security' });
	assert.equal(request.headers['Idempotency-Key'], '77-node-1-3-0');
	assert.equal(request.headers['X-Bridge-Step-Version'], '1');
	assert.equal(request.headers['X-N8N-Execution-Id'], '77');
	assert.equal(request.headers['X-N8N-Workflow-Id'], 'wf-1');
	assert.equal(decodeURIComponent(request.headers['X-N8N-Node']), 'Ana lyse ü');
	assert.match(request.headers['X-N8N-Node'], /^[\x20-\x7e]+$/);
	assert.equal(request.headers['X-N8N-Run-Index'], '3');
	assert.equal(request.headers['X-N8N-Item-Index'], '0');
});

test('a run is polled until it ends, with a way to cancel it', async () => {
	const answers = [
		json(202, run('queued')),
		json(200, run('running')),
		json(200, run('completed', { result: { answer: 42 } })),
	];
	const context = execution({ params: TEXT, respond: () => answers.shift() });
	const [item] = await execute(context);
	assert.deepEqual(item.json, { run_id: 'r1', answer: 42 });
	const poll = context.requests[1];
	assert.equal(poll.url, '/v1/runs/r1');
	assert.match(poll.headers.Prefer, /^wait=\d+$/);
	assert.equal(poll.headers['X-Bridge-Cancel'], 'disconnect');
});

test('every request carries the signal with which n8n cancels', async () => {
	const { signal } = new AbortController();
	const answers = [json(202, run('running')), json(200, run('completed', { result: {} }))];
	const context = execution({ params: TEXT, signal, respond: () => answers.shift() });
	await execute(context);
	assert.ok(context.requests.every(({ abortSignal }) => abortSignal === signal));
});

test('a canceled execution stops asking', async () => {
	const controller = new AbortController();
	const context = execution({
		params: TEXT,
		signal: controller.signal,
		respond: (_, number) => {
			if (number === 2) controller.abort();
			return number === 1 ? json(202, run('queued')) : json(200, run('running'));
		},
	});
	await assert.rejects(execute(context), /canceled/);
	assert.equal(context.requests.length, 2);
});

test('a run that outlives its deadline is canceled and named', async () => {
	const over = new Date(Date.now() - 3_600_000).toISOString();
	const context = execution({
		params: TEXT,
		respond: () => json(202, run('running', { deadline: over })),
	});
	await assert.rejects(execute(context), /r1 did not end in time/);
	assert.equal(context.requests.at(-1).url, '/v1/runs/r1/cancel');
});

test('a bridge that restarts is waited for', async () => {
	const answers = [
		json(202, run('running')),
		noAnswer(),
		problem(503),
		json(200, run('completed', { result: { ok: 1 } })),
	];
	const context = execution({ params: TEXT, respond: () => answers.shift() });
	assert.equal((await execute(context))[0].json.ok, 1);
});

test('a poll that is refused for good ends the waiting', async () => {
	const answers = [json(202, run('running')), problem(404, { detail: 'There is no run r1.' })];
	const context = execution({ params: TEXT, respond: () => answers.shift() });
	await assert.rejects(
		execute(context),
		(error) => error.httpCode === '404' && error.message === 'There is no run r1.',
	);
});

test('a problem is shown in its own words, with the field it names', async () => {
	const issues = [
		{ code: 'enum', where: '/analysis_type', message: 'is not one of the allowed values' },
	];
	const context = execution({ params: TEXT, respond: () => problem(400, { issues }) });
	await assert.rejects(execute(context), (error) => {
		assert.equal(error.name, 'NodeApiError');
		assert.equal(error.httpCode, '400');
		assert.equal(error.message, 'The text is empty. Send one.');
		assert.match(error.description, /\/analysis_type: is not one of/);
		assert.equal(error.context.itemIndex, 0);
		return true;
	});
});

test('a failed run fails the node with the words of its problem', async () => {
	const error = {
		status: 422,
		detail: 'The PDF is encrypted. Remove the password.',
		code: 'unusable',
	};
	const context = execution({ params: TEXT, respond: () => json(202, run('failed', { error })) });
	await assert.rejects(
		execute(context),
		(caught) => caught.message === error.detail && caught.httpCode === '422',
	);
});

test('an answer that is no problem still gives a readable error', async () => {
	const context = execution({ params: TEXT, respond: () => json(502, '<html>Bad gateway</html>') });
	await assert.rejects(execute(context), /The bridge answered with status 502/);
});

test('items keep their order and their links, and failures their place', async () => {
	const params = { ...TEXT, additionalOptions: { maxConcurrency: 3 } };
	const respond = async ({ body }) => {
		const number = Number(body.text.slice(1));
		await new Promise((resolve) => setTimeout(resolve, 20 - 2 * number));
		return number === 4 ? problem(422) : json(200, { n: number });
	};
	const items = Array.from({ length: 10 }, () => ({}));
	const out = await execute(execution({ items, params, respond, continueOnFail: true }));
	assert.deepEqual(
		out.map(({ json: { n } }) => n),
		[0, 1, 2, 3, undefined, 5, 6, 7, 8, 9],
	);
	assert.deepEqual(
		out.map(({ pairedItem }) => pairedItem.item),
		[0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
	);
	assert.deepEqual(Object.keys(out[4].json), ['error', 'details']);
	assert.equal(out[4].json.error, 'The text is empty. Send one.');
	assert.equal(out[4].json.details.code, 'invalid-input');
	assert.equal(out[4].json.details.status, 422);
	assert.equal(out[4].error, undefined);
});

test('without continue on fail the failure stops the node, and no later chunk is sent', async () => {
	const params = { ...TEXT, additionalOptions: { maxConcurrency: 3 } };
	const respond = ({ body }) => (body.text === 't4' ? problem(422) : json(200, {}));
	const context = execution({ items: Array.from({ length: 10 }, () => ({})), params, respond });
	await assert.rejects(execute(context), (error) => error.context.itemIndex === 4);
	assert.equal(context.requests.length, 6);
});

test('no more items are under way than asked for', async () => {
	let now = 0;
	let most = 0;
	const respond = async () => {
		most = Math.max(most, ++now);
		await new Promise((resolve) => setTimeout(resolve, 5));
		now--;
		return json(200, {});
	};
	const params = { ...TEXT, additionalOptions: { maxConcurrency: 2 } };
	await execute(execution({ items: Array.from({ length: 6 }, () => ({})), params, respond }));
	assert.equal(most, 2);
});

test('an agent may call a tool twice in one round', async () => {
	const nodeType = 'n8n-nodes-multimodal-bridge.multimodalAnalysisTool';
	const keys = [];
	for (const text of ['a', 'b', 'a']) {
		const context = execution({
			params: { ...TEXT, text },
			nodeType,
			respond: () => json(200, {}),
		});
		await execute(context);
		keys.push(context.requests[0].headers['Idempotency-Key']);
	}
	assert.equal(keys[0], keys[2]);
	assert.notEqual(keys[0], keys[1]);
});

test('without waiting the item is the run', async () => {
	const context = execution({
		params: { ...TEXT, waitMode: 'none' },
		respond: () => json(202, run('queued')),
	});
	const [item] = await execute(context);
	assert.deepEqual(item.json, { run_id: 'r1', step: 'multimodal_analysis', status: 'queued' });
	assert.equal(context.requests.length, 1);
});

test('empty options are not sent, and extra input wins', async () => {
	const params = {
		...TEXT,
		text: 'x',
		additionalOptions: { includeSecurity: false, extraInput: '{"text": "y", "n": 1}' },
	};
	const context = execution({ params, respond: () => json(200, {}) });
	await execute(context);
	assert.deepEqual(context.requests[0].body, {
		text: 'y',
		n: 1,
		analysis_type: 'security',
		include_security: false,
	});
});

test('broken JSON in a field names the field', async () => {
	const params = { ...TEXT, additionalOptions: { extraInput: '{"a": }' } };
	await assert.rejects(
		execute(execution({ params, respond: () => json(200, {}) })),
		/'Extra Input \(JSON\)' is not valid JSON/,
	);
});

test('the wait limit is told to the bridge', async () => {
	const params = { ...TEXT, additionalOptions: { maxWait: 12 } };
	const context = execution({ params, respond: () => json(200, {}) });
	await execute(context);
	assert.equal(context.requests[0].headers['X-Bridge-Timeout'], '12');
});
