// Collect Runs: many runs, one deadline, the order kept.
import assert from 'node:assert/strict';
import test from 'node:test';
import { execution, json, nodeClass, run } from './context.mjs';

const Collect = nodeClass('CollectRuns');
const execute = async (context) => (await new Collect().execute.call(context))[0];
const idOf = ({ url }) => decodeURIComponent(url.split('/')[3]);
const completed = (request) =>
	json(200, run('completed', { id: idOf(request), result: { of: idOf(request) } }));

test('results come in the order of the ids, each run once', async () => {
	const params = { runIds: (index) => [['c', 'a'], 'b, a'][index] };
	const respond = async (request) => {
		await new Promise((resolve) => setTimeout(resolve, idOf(request) === 'c' ? 20 : 1));
		return completed(request);
	};
	const out = await execute(execution({ items: [{}, {}], params, respond }));
	assert.deepEqual(
		out.map(({ json: { of }, pairedItem }) => [of, pairedItem.item]),
		[
			['c', 0],
			['a', 0],
			['b', 1],
		],
	);
});

test('a failed run stops the node, or becomes its own item', async () => {
	const params = { runIds: ['a', 'b', 'c'] };
	const respond = (request) =>
		idOf(request) === 'b'
			? json(200, run('failed', { id: 'b', error: { detail: 'Broken.' } }))
			: completed(request);
	await assert.rejects(
		execute(execution({ params: { runIds: () => params.runIds }, respond })),
		/Broken/,
	);
	const out = await execute(
		execution({ params: { runIds: () => params.runIds }, respond, continueOnFail: true }),
	);
	assert.deepEqual(
		out.map((item) => item.json.of ?? item.json.error),
		['a', 'Broken.', 'c'],
	);
	assert.equal(out[1].json.details.run_id, 'b');
});

test('what has not ended at the one deadline is canceled and named', async () => {
	const started = Date.now();
	const params = { runIds: () => ['a', 'b'], additionalOptions: { maxWait: 1 } };
	const respond = (request) =>
		idOf(request) === 'a' ? completed(request) : json(200, run('running', { id: 'b' }));
	const context = execution({ params, respond, continueOnFail: true });
	const out = await execute(context);
	assert.equal(out[0].json.of, 'a');
	assert.match(out[1].json.error, /The run b did not end in time/);
	assert.ok(context.requests.some(({ url }) => url === '/v1/runs/b/cancel'));
	assert.ok(Date.now() - started < 10_000);
});

test('an item that names no run is told what to do', async () => {
	const context = execution({ params: { runIds: () => '' }, respond: completed });
	await assert.rejects(execute(context), /Item 0 names no run/);
});

test('it never puts the execution to sleep', async () => {
	const answers = [json(200, run('running')), json(200, run('completed', { result: {} }))];
	const context = execution({ params: { runIds: () => 'r1' }, respond: () => answers.shift() });
	await execute(context);
	assert.equal(context.state.parkedUntil, undefined);
});
