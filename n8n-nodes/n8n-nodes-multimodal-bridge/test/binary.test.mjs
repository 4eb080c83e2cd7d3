// Files into the bridge and out of it.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import test from 'node:test';
import { execution, json, nodeClass } from './context.mjs';

const Analysis = nodeClass('MultimodalAnalysis');
const FILE = {
	source: 'file',
	binaryPropertyName: 'data',
	analysisType: 'content',
	waitMode: 'poll',
};
const MIB = 1024 * 1024;
const execute = async (context) => (await new Analysis().execute.call(context))[0];

test('a small file goes along as multipart', async () => {
	const context = execution({ params: FILE, binary: { data: {} }, respond: () => json(200, {}) });
	await execute(context);
	const { body } = context.requests[0];
	assert.ok(body instanceof FormData);
	assert.deepEqual(JSON.parse(await body.get('input').text()), { analysis_type: 'content' });
	assert.equal(body.get('file').name, 'bild ü.png');
	assert.equal(body.get('file').type, 'image/png');
	assert.equal(await body.get('file').text(), 'abc');
});

for (const [size, way] of [
	[8 * MIB, 'multipart'],
	[8 * MIB + 1, 'stream'],
]) {
	test(`a stored file of ${size} bytes goes as ${way}`, async () => {
		const context = execution({
			params: FILE,
			binary: { data: { id: 'filesystem:1' } },
			stored: { 'filesystem:1': size },
			respond: ({ method }) =>
				method === 'PUT' ? json(201, { blob: 'blob:sha256:ab' }) : json(200, {}),
		});
		await execute(context);
		if (way === 'multipart') {
			assert.equal(context.requests.length, 1);
			return;
		}
		const [put, post] = context.requests;
		assert.equal(put.url, '/v1/blobs');
		assert.equal(put.body.streamOf, 'filesystem:1');
		assert.equal(put.headers['Content-Length'], size);
		assert.equal(put.maxRedirects, 0);
		assert.deepEqual(post.body, { file: 'blob:sha256:ab', analysis_type: 'content' });
	});
}

test('a file the bridge already has is named, not sent', async () => {
	const params = { ...FILE, binaryPropertyName: 'file:abc' };
	const context = execution({ params, respond: () => json(200, {}) });
	await execute(context);
	assert.deepEqual(context.requests[0].body, { file: 'file:abc', analysis_type: 'content' });
});

test('a missing file fails its item only', async () => {
	const context = execution({ params: FILE, continueOnFail: true, respond: () => json(200, {}) });
	const [item] = await execute(context);
	assert.match(item.json.error, /binary file 'data'/);
	assert.equal(context.requests.length, 0);
});

const files = [
	{ file_id: 'f1', name: 'report.pdf', media_type: 'application/pdf', url: 'http://elsewhere/x' },
	{ file_id: 'f/2', name: 'b.svg', media_type: 'image/svg+xml', url: '/v1/files/f2' },
];
const withFiles = ({ url }) =>
	url.startsWith('/v1/files/') ? json(200, `content of ${url}`) : json(200, { files });

test('files of the result come back as binary data, from the bridge alone', async () => {
	const context = execution({ params: { ...FILE, source: 'text', text: 'x' }, respond: withFiles });
	const [item] = await execute(context);
	assert.deepEqual(item.binary.data, {
		data: 'content of /v1/files/f1',
		fileName: 'report.pdf',
		mimeType: 'application/pdf',
	});
	assert.equal(item.binary.data_1.data, 'content of /v1/files/f%2F2');
	assert.equal(context.requests[1].encoding, 'stream');
});

for (const [what, more] of [
	[
		'who does not want them',
		{ params: { ...FILE, source: 'text', text: 'x', additionalOptions: { downloadFiles: false } } },
	],
	[
		'a model',
		{ params: { ...FILE, source: 'text', text: 'x' }, nodeType: 'x.multimodalAnalysisTool' },
	],
]) {
	test(`files are not fetched for ${what}`, async () => {
		const context = execution({ respond: withFiles, ...more });
		const [item] = await execute(context);
		assert.equal(item.binary, undefined);
		assert.equal(context.requests.length, 1);
		assert.equal(item.json.files.length, 2);
	});
}

test('a problem that arrives as a stream is still read', async () => {
	const respond = ({ url }) =>
		url.startsWith('/v1/files/')
			? json(
					404,
					Readable.from([Buffer.from('{"detail": "There is no '), Buffer.from('file f1."}')]),
				)
			: json(200, { files });
	const context = execution({ params: { ...FILE, source: 'text', text: 'x' }, respond });
	await assert.rejects(
		execute(context),
		(error) => error.message === 'There is no file f1.' && error.httpCode === '404',
	);
});
