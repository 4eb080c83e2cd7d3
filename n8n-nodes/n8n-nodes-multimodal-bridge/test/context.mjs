// A stand-in for n8n around a compiled node: parameters and files that a test gives, requests that it answers.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export function nodeClass(name) {
	return require(`../dist/nodes/${name}/${name}.node.js`)[name];
}

export function transport(name) {
	return require(`../dist/transport/${name}.js`);
}

/** What n8n's HTTP helper throws when nobody answers. */
export function noAnswer() {
	const { NodeApiError } = require('n8n-workflow');
	return new NodeApiError(execution({}).getNode(), { message: 'connect ECONNREFUSED' });
}

export const json = (statusCode, body, headers = {}) => ({ statusCode, body, headers });

export function run(status, more = {}) {
	return { id: 'r1', step: 'multimodal_analysis', status, ...more };
}

/** The context of an execution. `respond(request, number)` answers each request to the bridge. */
export function execution({ items = [{}], params = {}, respond, ...more }) {
	const requests = [];
	const state = { parkedUntil: undefined };
	const context = {
		requests,
		state,
		logger: { debug() {}, warn() {}, info() {}, error() {} },
		getInputData: () => items.map((data) => ({ json: data })),
		getNodeParameter: (name, index, fallback) => {
			const value = params[name];
			return (typeof value === 'function' ? value(index) : value) ?? fallback;
		},
		getCredentials: async () => ({ baseUrl: 'http://bridge/', apiKey: 'k' }),
		getNode: () => ({
			id: 'node-1',
			name: more.nodeName ?? 'Ana lyse ü',
			type: more.nodeType ?? 'n8n-nodes-multimodal-bridge.multimodalAnalysis',
			typeVersion: more.typeVersion ?? 1,
			position: [0, 0],
			parameters: {},
		}),
		getWorkflow: () => ({ id: 'wf-1', name: 'W', active: true }),
		getExecutionId: () => '77',
		getTimezone: () => more.timezone ?? 'Europe/Berlin',
		evaluateExpression: (expression) =>
			expression.includes('resumeUrl')
				? 'http://n8n/webhook-waiting/77?signature=s'
				: (more.runIndex ?? 0),
		continueOnFail: () => more.continueOnFail ?? false,
		getExecutionCancelSignal: () => more.signal,
		putExecutionToWait: async (until) => {
			state.parkedUntil = until;
		},
		helpers: {
			assertBinaryData: (index, property) => {
				const file = more.binary?.[property];
				if (!file)
					throw new Error(
						`This operation expects the node's input data to contain a binary file '${property}'`,
					);
				return {
					mimeType: 'image/png',
					fileName: 'bild ü.png',
					...file,
					data: file.data ?? 'YWJj',
				};
			},
			getBinaryDataBuffer: async () => Buffer.from('abc'),
			getBinaryMetadata: async (id) => ({ fileSize: more.stored?.[id] ?? 0 }),
			getBinaryStream: async (id) => ({ streamOf: id, pipe() {} }),
			prepareBinaryData: async (body, fileName, mimeType) => ({ data: body, fileName, mimeType }),
			httpRequestWithAuthentication: async function (credential, options) {
				requests.push({ credential, ...options });
				const answer = await respond(options, requests.length);
				if (answer instanceof Error) throw answer;
				return answer;
			},
			returnJsonArray: (data) => [data].flat().map((each) => ({ json: each })),
		},
	};
	return context;
}

/** The context of a webhook call on the same bridge. */
export function webhookCall({
	body = {},
	headers = {},
	rawBody,
	staticData = {},
	mode = 'webhook',
	...more
}) {
	const context = execution(more);
	const answer = { status: undefined, body: undefined };
	const response = {
		status(code) {
			answer.status = code;
			return response;
		},
		json(content) {
			answer.body = content;
			return response;
		},
	};
	return Object.assign(context, {
		answer,
		staticData,
		getMode: () => mode,
		getBodyData: () => body,
		getHeaderData: () => headers,
		getRequestObject: () => ({ rawBody: rawBody ?? Buffer.from(JSON.stringify(body)) }),
		getResponseObject: () => response,
		getWorkflowStaticData: () => staticData,
		getNodeParameter: (name, fallback) => more.params?.[name] ?? fallback,
	});
}

/** The context in which n8n switches a trigger on and off. */
export function hookCall({
	activation = 'activate',
	url = 'http://n8n/webhook/x/webhook',
	...more
}) {
	return Object.assign(
		webhookCall({ mode: activation === 'manual' ? 'manual' : 'trigger', ...more }),
		{
			getActivationMode: () => activation,
			getNodeWebhookUrl: () => url,
		},
	);
}
