import type { IExecuteFunctions, JsonObject } from 'n8n-workflow';
import { NodeApiError, sleep } from 'n8n-workflow';
import type { Context, Run } from './contract';
import { ENDED } from './contract';
import { problemError } from './problems';
import { bridgeRequest, cancelSignal } from './requests';

const POLL_SECONDS = 30;
const SHORTEST_POLL = 250;
const PATIENCE = 60_000;
const PASSING = new Set(['429', '502', '503', '504']);

/** The state of a run now. */
export async function getRun(
	this: Context,
	credential: string,
	id: string,
	itemIndex?: number,
): Promise<Run> {
	const { body } = await bridgeRequest.call(
		this,
		credential,
		{ method: 'GET', url: runUrl(id), json: true },
		itemIndex,
	);
	return body as Run;
}

/** Asks the bridge to cancel a run; a run that has ended stays as it is. */
export async function cancelRun(
	this: IExecuteFunctions,
	credential: string,
	id: string,
): Promise<void> {
	try {
		await bridgeRequest.call(this, credential, { method: 'POST', url: `${runUrl(id)}/cancel` });
	} catch (error) {
		this.logger.debug(`The run ${id} could not be canceled: ${(error as Error).message}`);
	}
}

/**
 * Waits until a run ends. The bridge answers when it does, or after the poll's time, so nothing is
 * asked in vain. A bridge that restarts is given a minute, because it takes its runs up again.
 */
export async function waitForEnd(
	this: IExecuteFunctions,
	credential: string,
	run: Run,
	deadline: number,
	itemIndex: number,
): Promise<Run> {
	let current = run;
	let lastAnswer = Date.now();
	while (!ENDED.has(current.status)) {
		const left = deadline - Date.now();
		if (cancelSignal(this)?.aborted)
			throw stopped.call(this, run, 'The execution was canceled', itemIndex);
		if (left <= 0) {
			await cancelRun.call(this, credential, run.id);
			throw stopped.call(
				this,
				run,
				`The run ${run.id} did not end in time and was canceled`,
				itemIndex,
			);
		}
		const asked = Date.now();
		try {
			current = await poll.call(
				this,
				credential,
				run.id,
				Math.min(left / 1000, POLL_SECONDS),
				itemIndex,
			);
			lastAnswer = Date.now();
		} catch (error) {
			if (!isPassing(error as Error) || Date.now() - lastAnswer > PATIENCE) {
				throw new NodeApiError(this.getNode(), error as JsonObject, { itemIndex });
			}
		}
		if (Date.now() - asked < SHORTEST_POLL) await sleep(SHORTEST_POLL);
	}
	return current;
}

async function poll(
	this: IExecuteFunctions,
	credential: string,
	id: string,
	seconds: number,
	itemIndex: number,
): Promise<Run> {
	const { body } = await bridgeRequest.call(
		this,
		credential,
		{
			method: 'GET',
			url: runUrl(id),
			// When n8n cancels the execution it drops this call, and the bridge cancels the run.
			headers: {
				Prefer: `wait=${Math.max(1, Math.ceil(seconds))}`,
				'X-Bridge-Cancel': 'disconnect',
			},
			timeout: (seconds + 30) * 1000,
			json: true,
		},
		itemIndex,
	);
	return body as Run;
}

/** No answer at all, or an answer that will change by itself. */
function isPassing(error: Error): boolean {
	if (!(error instanceof NodeApiError)) return false;
	return error.httpCode === null || PASSING.has(error.httpCode) || /^E[A-Z]+$/.test(error.httpCode);
}

function stopped(
	this: IExecuteFunctions,
	run: Run,
	message: string,
	itemIndex: number,
): NodeApiError {
	return problemError(
		this.getNode(),
		{ message, title: "Raise 'Max Wait (Seconds)' if the run needs longer", run_id: run.id },
		undefined,
		itemIndex,
	);
}

export function runUrl(id: string): string {
	return `/v1/runs/${encodeURIComponent(id)}`;
}
