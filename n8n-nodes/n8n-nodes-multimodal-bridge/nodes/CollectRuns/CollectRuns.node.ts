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
	description: INodeTypeDescription = {
		displayName: 'Collect Runs',
		name: 'collectRuns',
		icon: {
			light: 'file:../../icons/collect.svg',
			dark: 'file:../../icons/collect.dark.svg',
		},
		group: ['transform'],
		version: 1,
		subtitle: 'Wait for runs',
		description: 'Wait for runs that were started without waiting and return their results in the same order',
		defaults: {
			name: 'Collect Runs',
		},
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{
				name: 'multimodalBridgeApi',
				required: true,
			},
		],
		properties: [
			{
				displayName: 'Run IDs',
				name: 'runIds',
				type: 'string',
				required: true,
				default: '={{ $json.run_id }}',
				hint: 'One ID, several with commas between them, or an expression that gives a list',
				description: 'The runs to wait for, such as the run_id of nodes that do not wait',
			},
			{
				displayName: 'Additional Options',
				name: 'additionalOptions',
				type: 'collection',
				placeholder: 'Add Option',
				default: {},
				options: [
					{
						displayName: 'Download Files',
						name: 'downloadFiles',
						type: 'boolean',
						default: true,
						description: 'Whether to return the files of the results as binary data',
					},
					{
						displayName: 'Max Wait (Seconds)',
						name: 'maxWait',
						type: 'number',
						typeOptions: {
							minValue: 1,
							numberPrecision: 0,
						},
						default: 3600,
						description: 'How long all runs together may take; what has not ended then is canceled',
					},
				],
			},
		],
	};

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
