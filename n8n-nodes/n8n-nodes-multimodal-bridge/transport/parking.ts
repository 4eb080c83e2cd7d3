import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { NodeApiError } from 'n8n-workflow';
import type { Run, Step } from './contract';
import { ENDED } from './contract';
import { errorJson, runError } from './problems';
import { bridgeRequest } from './requests';
import { toItem } from './results';
import { getRun, runUrl } from './runs';

const DAY = 24 * 3600 * 1000;

/**
 * Puts the execution to sleep, far beyond the run's own deadline: when n8n's wait ends first, the
 * node hands on its input as if all were well. The bridge makes exactly one ending call instead.
 */
export async function park(this: IExecuteFunctions, run: Run): Promise<void> {
	const deadline = Date.parse(run.deadline ?? '') || Date.now();
	await this.putExecutionToWait(new Date(deadline + 3 * DAY));
}

/**
 * Wakes a parked execution. The call only says which run ended; the result is fetched with the
 * node's credential. Nothing may be thrown here: n8n would drop the data of all earlier nodes.
 */
export async function resume(this: IWebhookFunctions, step: Step): Promise<IWebhookResponseData> {
	const refuse = (status: number, message: string): IWebhookResponseData => {
		this.getResponseObject().status(status).json({ message });
		return { noWebhookResponse: true };
	};
	const { data } = this.getBodyData() as { data?: { run_id?: string } };
	if (!data?.run_id) return refuse(400, 'The body names no run: data.run_id is missing');
	try {
		const run = await getRun.call(this, step.credential, data.run_id);
		if (!ENDED.has(run.status)) return refuse(409, 'The run has not ended');
		if (run.step !== step.name || (run.n8n?.node && run.n8n.node !== this.getNode().name)) {
			return refuse(409, 'The run belongs to another node of this execution');
		}
		const item = await endedItem.call(this, step, run);
		// All waits of an execution share one resume URL, so a repeated call for an earlier run must
		// not end a later wait: the bridge hands out each result once.
		await bridgeRequest.call(this, step.credential, {
			method: 'POST',
			url: `${runUrl(run.id)}/claim`,
		});
		return { webhookResponse: { accepted: true }, workflowData: [[item]] };
	} catch (error) {
		const status = error instanceof NodeApiError ? error.httpCode : null;
		if (status === '409') return refuse(409, 'The result was delivered before');
		// 410 tells the bridge not to call again; every other refusal keeps the execution asleep.
		if (status === '404') return refuse(410, 'The bridge does not know the run');
		this.logger.warn(`The result of the run ${data.run_id} could not be fetched`, {
			reason: (error as Error).message,
		});
		return refuse(503, 'The result could not be fetched from the bridge');
	}
}

async function endedItem(
	this: IWebhookFunctions,
	step: Step,
	run: Run,
): Promise<INodeExecutionData> {
	if (run.status !== 'completed') {
		return { json: errorJson(runError(this.getNode(), run)), pairedItem: { item: 0 } };
	}
	const options = (this.getNodeParameter('additionalOptions', {}) ?? {}) as IDataObject;
	const files = options.downloadFiles !== false;
	return await toItem.call(this, step.credential, { run_id: run.id, ...run.result }, 0, files);
}
