import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { NodeApiError, NodeConnectionTypes } from 'n8n-workflow';
import type { Step } from '../../transport/contract';
import { resume } from '../../transport/parking';
import { asApiError, errorJson } from '../../transport/problems';
import { runItems } from '../../transport/steps';

// Written by `bridge generate` from node_specs/index_content.json; edited by nobody.

const STEP: Step = {
	name: 'index_content',
	credential: 'multimodalBridgeApi',
	long: true,
	timeout: 1800,
	fields: {
		1: [
			{
				param: 'folder',
				wire: 'folder',
				kind: 'value',
				required: true,
				when: {
					content: ['folder'],
				},
			},
			{
				param: 'repository',
				wire: 'repository',
				kind: 'value',
				required: true,
				when: {
					content: ['repository'],
				},
			},
			{
				param: 'ref',
				wire: 'ref',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'history',
				wire: 'history',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'sources',
				wire: 'sources',
				kind: 'value',
				required: true,
				when: {
					content: ['results'],
				},
			},
			{
				param: 'texts',
				wire: 'texts',
				kind: 'rows',
				required: true,
				when: {
					content: ['texts'],
				},
				columns: {
					uri: 'uri',
					text: 'text',
				},
			},
			{
				param: 'collection',
				wire: 'collection',
				kind: 'value',
			},
			{
				param: 'prune',
				wire: 'prune',
				kind: 'value',
				inOptions: true,
			},
		],
	},
};

export class IndexContent implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Index Content',
		name: 'indexContent',
		icon: {
			light: 'file:../../icons/index.svg',
			dark: 'file:../../icons/index.dark.svg',
		},
		group: ['output'],
		version: 1,
		subtitle: '={{$parameter["collection"]}}',
		description: 'Put a folder, a git repository with its history, results of earlier steps or given texts into the search index; only what changed is indexed again',
		defaults: {
			name: 'Index Content',
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
		waitingNodeTooltip: 'Waiting for the run of Index Content to end',
		webhooks: [
			{
				name: 'default',
				httpMethod: 'POST',
				responseMode: 'onReceived',
				path: '',
				restartWebhook: true,
			},
		],
		properties: [
			{
				displayName: 'Content',
				name: 'content',
				type: 'options',
				noDataExpression: true,
				required: true,
				options: [
					{
						name: 'Folder',
						value: 'folder',
					},
					{
						name: 'Repository',
						value: 'repository',
					},
					{
						name: 'Results',
						value: 'results',
					},
					{
						name: 'Texts',
						value: 'texts',
					},
				],
				default: 'folder',
			},
			{
				displayName: 'Folder',
				name: 'folder',
				type: 'string',
				required: true,
				displayOptions: {
					show: {
						content: ['folder'],
					},
				},
				placeholder: 'e.g. docs',
				default: '',
				description: 'Folder below a configured root',
			},
			{
				displayName: 'Repository',
				name: 'repository',
				type: 'string',
				required: true,
				displayOptions: {
					show: {
						content: ['repository'],
					},
				},
				placeholder: 'e.g. https://example.com/team/app.git',
				default: '',
				description: 'Path below a root or address of a git repository',
			},
			{
				displayName: 'Sources',
				name: 'sources',
				type: 'string',
				typeOptions: {
					multipleValues: true,
					multipleValueButtonText: 'Add Source',
				},
				required: true,
				displayOptions: {
					show: {
						content: ['results'],
					},
				},
				default: [],
				description: 'Results with analyzed documents, as run:ID or node:NAME',
			},
			{
				displayName: 'Texts',
				name: 'texts',
				type: 'fixedCollection',
				typeOptions: {
					multipleValues: true,
				},
				required: true,
				displayOptions: {
					show: {
						content: ['texts'],
					},
				},
				placeholder: 'Add Text',
				options: [
					{
						displayName: 'Texts',
						name: 'values',
						values: [
							{
								displayName: 'Text',
								name: 'text',
								type: 'string',
								default: '',
							},
							{
								displayName: 'URI',
								name: 'uri',
								type: 'string',
								default: '',
								description: 'Name under which the text is cited',
							},
						],
					},
				],
				default: {},
				description: 'Texts with a name each',
			},
			{
				displayName: 'Collection',
				name: 'collection',
				type: 'string',
				default: 'default',
				description: 'Name of the part of the index to fill',
			},
			{
				displayName: 'Wait for Result',
				name: 'waitMode',
				type: 'options',
				noDataExpression: true,
				required: true,
				options: [
					{
						name: 'Keep Checking',
						value: 'poll',
						description: 'Stay active until the run ends. Canceling the execution cancels the run.',
					},
					{
						name: 'No',
						value: 'none',
						description: 'Return the run ID right away. A Collect Runs node gets the result later.',
					},
					{
						name: 'Pause Execution',
						value: 'park',
						description: 'Sleep until the bridge calls back. One item; a failed run gives error and details.',
					},
				],
				default: 'poll',
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
						displayName: 'Extra Input (JSON)',
						name: 'extraInput',
						type: 'json',
						default: '{}',
						description: 'An object of input fields that win over the fields above',
					},
					{
						displayName: 'History',
						name: 'history',
						type: 'number',
						typeOptions: {
							minValue: 0,
							maxValue: 100000,
							numberPrecision: 0,
						},
						default: 5000,
						description: 'How many commits of the history to index',
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
						default: 1800,
						description: 'How long the run may take before it is ended',
					},
					{
						displayName: 'Prune',
						name: 'prune',
						type: 'boolean',
						default: true,
						description: 'Whether files that are gone from the folder or repository leave the index',
					},
					{
						displayName: 'Ref',
						name: 'ref',
						type: 'string',
						default: '',
						description: 'Branch, tag or commit of the repository; its default branch when absent',
					},
				],
			},
		],
	};

	webhookMethods = {
		default: {
			async checkExists() {
				return true;
			},
			async create() {
				return true;
			},
			async delete() {
				return true;
			},
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await resume.call(this, STEP);
	}

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
