import type {
	IDataObject,
	IExecuteFunctions,
	IHttpRequestOptions,
	ILoadOptionsFunctions,
	IN8nHttpFullResponse,
	INodeListSearchResult,
} from 'n8n-workflow';
import type { Context, Problem } from './contract';
import { problemError } from './problems';

const LONGEST_PROBLEM = 64 * 1024;

/**
 * One request to the bridge. Status errors are handled here and not by the HTTP helper, because the
 * error that the helper makes has lost the problem's own words and cannot be given them again.
 */
export async function bridgeRequest(
	this: Context,
	credential: string,
	options: Omit<IHttpRequestOptions, 'baseURL'>,
	itemIndex?: number,
): Promise<IN8nHttpFullResponse> {
	const { baseUrl } = await this.getCredentials(credential);
	const response = (await this.helpers.httpRequestWithAuthentication.call(this, credential, {
		...options,
		baseURL: String(baseUrl).replace(/\/+$/, ''),
		abortSignal: cancelSignal(this),
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
	})) as IN8nHttpFullResponse;
	if (response.statusCode >= 400) {
		const problem = await readProblem(response.body);
		throw problemError(this.getNode(), problem, response.statusCode, itemIndex);
	}
	return response;
}

/** The signal that n8n gives when the execution is canceled; only executions have one. */
export function cancelSignal(context: Context): AbortSignal | undefined {
	return 'getExecutionCancelSignal' in context ? context.getExecutionCancelSignal() : undefined;
}

/** Who asks: n8n's names for this execution, node, round and item. */
export function originHeaders(this: IExecuteFunctions, itemIndex: number): IDataObject {
	return {
		'X-N8N-Execution-Id': this.getExecutionId(),
		'X-N8N-Workflow-Id': String(this.getWorkflow().id ?? ''),
		'X-N8N-Node': encodeURIComponent(this.getNode().name),
		'X-N8N-Run-Index': String(runIndex.call(this, itemIndex)),
		'X-N8N-Item-Index': String(itemIndex),
	};
}

/** Which round of a loop this is. */
export function runIndex(this: IExecuteFunctions, itemIndex: number): number {
	return Number(this.evaluateExpression('{{ $runIndex }}', itemIndex) ?? 0);
}

/** The entries of one of the bridge's lists, for a resource locator. */
export async function searchList(
	this: ILoadOptionsFunctions,
	credential: string,
	url: string,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	const qs: IDataObject = {};
	if (filter) qs.q = filter;
	if (paginationToken) qs.cursor = paginationToken;
	const { body } = await bridgeRequest.call(this, credential, {
		method: 'GET',
		url,
		qs,
		json: true,
	});
	const page = body as { items: Array<{ id?: string; name: string }>; next?: string };
	return {
		results: page.items.map(({ id, name }) => ({ name, value: id ?? name })),
		paginationToken: page.next,
	};
}

async function readProblem(body: unknown): Promise<Problem> {
	if (isStream(body)) return parseProblem(await readSome(body));
	if (Buffer.isBuffer(body)) return parseProblem(body.toString('utf8'));
	if (typeof body === 'string') return parseProblem(body);
	return body && typeof body === 'object' ? (body as Problem) : {};
}

type Chunks = AsyncIterable<Uint8Array>;

function isStream(body: unknown): body is Chunks {
	return typeof (body as { pipe?: unknown } | undefined)?.pipe === 'function';
}

async function readSome(stream: Chunks): Promise<string> {
	const parts: Buffer[] = [];
	let size = 0;
	for await (const part of stream) {
		parts.push(Buffer.from(part));
		size += part.length;
		if (size > LONGEST_PROBLEM) break;
	}
	return Buffer.concat(parts).toString('utf8');
}

function parseProblem(text: string): Problem {
	try {
		const parsed = JSON.parse(text) as unknown;
		return parsed && typeof parsed === 'object' ? (parsed as Problem) : {};
	} catch {
		// A proxy before the bridge answers with a page of its own, which helps nobody in the node panel.
		return {};
	}
}
