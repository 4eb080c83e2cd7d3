import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeApiError, NodeConnectionTypes } from 'n8n-workflow';
import type { Step } from '../../transport/contract';
import { asApiError, errorJson } from '../../transport/problems';
import { runItems } from '../../transport/steps';

// Written by `bridge generate` from node_specs/notification.json; edited by nobody.

const STEP: Step = {
	name: 'notification',
	credential: 'multimodalBridgeApi',
	long: false,
	timeout: 120,
	fields: {
		1: [
			{
				param: 'channels',
				wire: 'channels',
				kind: 'value',
				required: true,
			},
			{
				param: 'title',
				wire: 'title',
				kind: 'value',
			},
			{
				param: 'message',
				wire: 'message',
				kind: 'value',
			},
			{
				param: 'includeSummary',
				wire: 'include_summary',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'sources',
				wire: 'sources',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'editInPlace',
				wire: 'edit_in_place',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'onlyOn',
				wire: 'only_on',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'dryRun',
				wire: 'dry_run',
				kind: 'value',
				inOptions: true,
			},
		],
	},
};

export class Notification implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Notification',
		name: 'notification',
		icon: {
			light: 'file:../../icons/notification.svg',
			dark: 'file:../../icons/notification.dark.svg',
		},
		group: ['output'],
		version: 1,
		subtitle: '={{$parameter["title"]}}',
		description: "Tell people how an execution went, in Slack, e-mail, Teams, Discord, Mattermost, ntfy, a webhook or any of a hundred other services. Channels are named here and configured in the bridge, so no address or secret stands in the workflow. Each channel's outcome comes back; one that fails does not stop the others. Where the channel can, one message per execution is edited in place.",
		defaults: {
			name: 'Notification',
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
				displayName: 'Channels',
				name: 'channels',
				type: 'string',
				typeOptions: {
					multipleValues: true,
					multipleValueButtonText: 'Add Channel',
				},
				required: true,
				default: [],
				description: 'Names of channels configured in the bridge',
			},
			{
				displayName: 'Title',
				name: 'title',
				type: 'string',
				default: '',
				description: 'First line of the message; without one it says how the execution went',
			},
			{
				displayName: 'Message',
				name: 'message',
				type: 'string',
				typeOptions: {
					rows: 4,
				},
				placeholder: 'e.g. The nightly run is over.',
				default: '',
				description: 'Text of your own, sent as it stands',
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
						description: 'Whether to return the files of the result as binary data',
					},
					{
						displayName: 'Dry Run',
						name: 'dryRun',
						type: 'boolean',
						default: false,
						description: 'Whether to write the message and check the channels, but send nothing',
					},
					{
						displayName: 'Edit in Place',
						name: 'editInPlace',
						type: 'boolean',
						default: true,
						description: 'Whether to edit the message this execution sent before, where the channel can, instead of sending another',
					},
					{
						displayName: 'Extra Input (JSON)',
						name: 'extraInput',
						type: 'json',
						default: '{}',
						description: 'An object of input fields that win over the fields above',
					},
					{
						displayName: 'Include Summary',
						name: 'includeSummary',
						type: 'boolean',
						default: true,
						description: 'Whether to add what each step of the execution found',
					},
					{
						displayName: 'Max Concurrency',
						name: 'maxConcurrency',
						type: 'number',
						typeOptions: {
							minValue: 1,
							maxValue: 50,
							numberPrecision: 0,
						},
						default: 5,
						description: 'How many items to process at the same time',
					},
					{
						displayName: 'Max Wait (Seconds)',
						name: 'maxWait',
						type: 'number',
						typeOptions: {
							minValue: 1,
							numberPrecision: 0,
						},
						default: 120,
						description: 'How long the run may take before it is ended',
					},
					{
						displayName: 'Send',
						name: 'onlyOn',
						type: 'options',
						options: [
							{
								name: 'Always',
								value: 'always',
							},
							{
								name: 'When a Step Failed',
								value: 'failure',
							},
							{
								name: 'When Any Step Did Not Pass',
								value: 'not_pass',
							},
						],
						default: 'always',
						description: 'When to send: always, when a step failed, or when any step did not pass',
					},
					{
						displayName: 'Sources',
						name: 'sources',
						type: 'string',
						typeOptions: {
							multipleValues: true,
							multipleValueButtonText: 'Add Source',
						},
						default: [],
						description: 'Results to sum up; without any, all ended steps of this execution',
					},
				],
			},
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const outcomes = await runItems.call(this, STEP);
		const returnData: INodeExecutionData[] = [];
		for (const [itemIndex, outcome] of outcomes.entries()) {
			try {
				if (outcome.status === 'rejected') {
					throw asApiError(this.getNode(), outcome.reason, itemIndex);
				}
				// Without a value the execution was put to sleep, and n8n ignores what is returned.
				if (outcome.value === undefined) return [this.getInputData()];
				returnData.push(outcome.value);
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
