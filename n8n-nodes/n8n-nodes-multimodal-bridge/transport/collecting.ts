import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { OPTIONS } from './contract';
import { runError } from './problems';
import { toItem } from './results';
import { getRun, waitForEnd } from './runs';
import type { Outcome } from './steps';

const CREDENTIAL = 'multimodalBridgeApi';

export interface Wanted {
	id: string;
	itemIndex: number;
}

/** The run ids that all items name, in order, each once. */
export function wantedRuns(this: IExecuteFunctions): Wanted[] {
	const wanted = new Map<string, Wanted>();
	for (const itemIndex of this.getInputData().keys()) {
		const given = this.getNodeParameter('runIds', itemIndex) as unknown;
		const ids = (Array.isArray(given) ? given : String(given ?? '').split(','))
			.map((id) => String(id ?? '').trim())
			.filter((id) => id !== '');
		if (!ids.length) {
			throw new NodeOperationError(this.getNode(), `Item ${itemIndex} names no run`, {
				itemIndex,
				description: "Set 'Wait for Result' to 'No' in the nodes before, and use their run_id here",
			});
		}
		for (const id of ids) if (!wanted.has(id)) wanted.set(id, { id, itemIndex });
	}
	return [...wanted.values()];
}

/**
 * Waits for all runs at once, with one deadline for all of them. The execution stays active: two
 * sleeping nodes would share one resume URL.
 */
export async function collect(this: IExecuteFunctions, wanted: Wanted[]): Promise<Outcome[]> {
	const options = this.getNodeParameter(OPTIONS, 0, {}) as IDataObject;
	const deadline = Date.now() + Number(options.maxWait ?? 3600) * 1000;
	const files = options.downloadFiles !== false;
	return await Promise.allSettled(
		wanted.map(async ({ id, itemIndex }): Promise<INodeExecutionData> => {
			const run = await getRun.call(this, CREDENTIAL, id, itemIndex);
			const ended = await waitForEnd.call(this, CREDENTIAL, run, deadline, itemIndex);
			if (ended.status !== 'completed') throw runError(this.getNode(), ended, itemIndex);
			return await toItem.call(
				this,
				CREDENTIAL,
				{ run_id: ended.id, ...ended.result },
				itemIndex,
				files,
			);
		}),
	);
}
