import { createHash } from 'crypto';
import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import type { Result, Run, Step } from './contract';
import { ENDED, OPTIONS, WAIT_MODE } from './contract';
import { readInput } from './input';
import { park } from './parking';
import { runError } from './problems';
import { bridgeRequest, originHeaders, runIndex } from './requests';
import { toItem } from './results';
import { waitForEnd } from './runs';
import { requestBody } from './uploads';

const GRACE = 60_000;
const QUEUE = 3_600_000;

export type Outcome = PromiseSettledResult<INodeExecutionData | undefined>;

/**
 * Runs a step for every item, several at a time, and returns the outcomes in the items' order.
 * An outcome without a value means that the execution was put to sleep.
 */
export async function runItems(this: IExecuteFunctions, step: Step): Promise<Outcome[]> {
	const items = this.getInputData();
	const options = this.getNodeParameter(OPTIONS, 0, {}) as IDataObject;
	const width = Math.max(1, Number(options.maxConcurrency ?? 5));
	const mode = step.long ? (this.getNodeParameter(WAIT_MODE, 0, 'poll') as string) : 'poll';
	if (mode === 'park' && items.length > 1) {
		throw new NodeOperationError(this.getNode(), "'Pause Execution' handles one item per run", {
			description:
				"Use a 'Loop Over Items' node with a batch size of 1, or set 'Wait for Result' to 'Keep Checking'",
		});
	}
	return await inChunks.call(
		this,
		items.length,
		width,
		async (itemIndex) => await runItem.call(this, step, mode, itemIndex),
	);
}

/** Settles the work of all items, chunk by chunk; after a failure no further chunk is started. */
export async function inChunks(
	this: IExecuteFunctions,
	count: number,
	width: number,
	work: (index: number) => Promise<INodeExecutionData | undefined>,
): Promise<Outcome[]> {
	const outcomes: Outcome[] = [];
	for (let start = 0; start < count; start += width) {
		const indexes = Array.from(
			{ length: Math.min(width, count - start) },
			(_, offset) => start + offset,
		);
		outcomes.push(...(await Promise.allSettled(indexes.map(work))));
		if (!this.continueOnFail() && outcomes.some(({ status }) => status === 'rejected')) break;
	}
	return outcomes;
}

async function runItem(
	this: IExecuteFunctions,
	step: Step,
	mode: string,
	itemIndex: number,
): Promise<INodeExecutionData | undefined> {
	const options = this.getNodeParameter(OPTIONS, itemIndex, {}) as IDataObject;
	const given = readInput.call(this, step, itemIndex);
	const body = await requestBody.call(this, step.credential, given, itemIndex);
	const headers = callHeaders.call(this, step, mode, options, given.input, itemIndex);
	const response = await bridgeRequest.call(
		this,
		step.credential,
		{ method: 'POST', url: `/v1/steps/${step.name}`, headers, body, json: true, timeout: 0 },
		itemIndex,
	);
	const files = options.downloadFiles !== false;
	if (response.statusCode !== 202) {
		return await toItem.call(this, step.credential, response.body as Result, itemIndex, files);
	}
	const run = response.body as Run;
	if (mode === 'none') {
		return {
			json: { run_id: run.id, step: run.step, status: run.status },
			pairedItem: { item: itemIndex },
		};
	}
	if (mode === 'park' && !ENDED.has(run.status)) {
		await park.call(this, run);
		return undefined;
	}
	const ended = await waitForEnd.call(
		this,
		step.credential,
		run,
		deadlineOf(run, step, options),
		itemIndex,
	);
	if (ended.status !== 'completed') throw runError(this.getNode(), ended, itemIndex);
	return await toItem.call(
		this,
		step.credential,
		{ run_id: ended.id, ...ended.result },
		itemIndex,
		files,
	);
}

function callHeaders(
	this: IExecuteFunctions,
	step: Step,
	mode: string,
	options: IDataObject,
	input: IDataObject,
	itemIndex: number,
): IDataObject {
	const headers: IDataObject = {
		...originHeaders.call(this, itemIndex),
		'Idempotency-Key': idempotencyKey.call(this, input, itemIndex),
		'X-Bridge-Step-Version': String(this.getNode().typeVersion),
	};
	if (step.long) headers.Prefer = 'respond-async';
	if (options.maxWait !== undefined) headers['X-Bridge-Timeout'] = String(Number(options.maxWait));
	if (mode === 'park') {
		headers['X-Callback-Url'] = this.evaluateExpression('{{ $execution.resumeUrl }}', itemIndex);
	}
	return headers;
}

/**
 * The same key on a retry lets the bridge answer with the first run; the run index keeps the rounds
 * of a loop apart. An agent may call a tool several times in one round, with different inputs.
 */
function idempotencyKey(this: IExecuteFunctions, input: IDataObject, itemIndex: number): string {
	const node = this.getNode();
	const key = [this.getExecutionId(), node.id, runIndex.call(this, itemIndex), itemIndex].join('-');
	if (!node.type.endsWith('Tool')) return key;
	return `${key}-${createHash('sha256').update(JSON.stringify(input)).digest('hex').slice(0, 16)}`;
}

/** The bridge ends a run at its deadline; the node waits a little longer, and for a queue at most an hour. */
function deadlineOf(run: Run, step: Step, options: IDataObject): number {
	const promised = Date.parse(run.deadline ?? '');
	if (!Number.isNaN(promised)) return promised + GRACE;
	return Date.now() + Number(options.maxWait ?? step.timeout) * 1000 + QUEUE;
}
