import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeApiError, NodeConnectionTypes } from 'n8n-workflow';
import { collect, wantedRuns } from '../../transport/collecting';
import { asApiError, errorJson } from '../../transport/problems';

// Written by `bridge generate`; edited by nobody.

export class CollectRuns implements INodeType {
	description: INodeTypeDescription = @@description@@;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const wanted = wantedRuns.call(this);
		const outcomes = await collect.call(this, wanted);
		const returnData: INodeExecutionData[] = [];
		for (const [index, { itemIndex }] of wanted.entries()) {
			const outcome = outcomes[index];
			try {
				if (outcome.status === 'rejected') {
					throw asApiError(this.getNode(), outcome.reason, itemIndex);
				}
				if (outcome.value) returnData.push(outcome.value);
			} catch (error) {
				if (this.continueOnFail()) {
					returnData.push({ json: errorJson(error as Error), pairedItem: { item: itemIndex } });
					continue;
				}
				throw new NodeApiError(this.getNode(), error, { itemIndex });
			}
		}
		return [returnData];
	}
}
