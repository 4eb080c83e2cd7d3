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

// Written by `bridge generate` from node_specs/intelligent_search.json; edited by nobody.

const STEP: Step = {
	name: 'intelligent_search',
	credential: 'multimodalBridgeApi',
	long: false,
	timeout: 30,
	fields: {
		1: [
			{
				param: 'query',
				wire: 'query',
				kind: 'value',
				required: true,
			},
			{
				param: 'modalities',
				wire: 'modalities',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'maxItems',
				wire: 'limit',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'offset',
				wire: 'offset',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'mode',
				wire: 'mode',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'stepFilters',
				wire: 'filters',
				kind: 'json',
				inOptions: true,
			},
			{
				param: 'contextTokens',
				wire: 'context_tokens',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'explain',
				wire: 'explain',
				kind: 'value',
				inOptions: true,
			},
		],
	},
};

export class IntelligentSearch implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Intelligent Search',
		name: 'intelligentSearch',
		icon: {
			light: 'file:../../icons/search.svg',
			dark: 'file:../../icons/search.dark.svg',
		},
		group: ['transform'],
		version: 1,
		subtitle: '={{$parameter["query"]}}',
		description: "Search indexed code, documentation, documents, pictures' text, transcripts and git history with a question, a name or a piece of text; returns ranked places with citations and a packed context for a model",
		defaults: {
			name: 'Intelligent Search',
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
				displayName: 'Query',
				name: 'query',
				type: 'string',
				typeOptions: {
					rows: 2,
				},
				required: true,
				placeholder: 'e.g. where are retries with backoff configured',
				default: '',
				description: 'A question, an identifier, "quoted text" or /a regular expression/',
			},
			{
				displayName: 'Additional Options',
				name: 'additionalOptions',
				type: 'collection',
				placeholder: 'Add Option',
				default: {},
				options: [
					{
						displayName: 'Context Tokens',
						name: 'contextTokens',
						type: 'number',
						typeOptions: {
							minValue: 0,
							maxValue: 100000,
							numberPrecision: 0,
						},
						default: 4000,
						description: 'Size of the packed context in tokens; 0 for none',
					},
					{
						displayName: 'Download Files',
						name: 'downloadFiles',
						type: 'boolean',
						default: true,
						description: 'Whether to return the files of the result as binary data',
					},
					{
						displayName: 'Explain',
						name: 'explain',
						type: 'boolean',
						default: false,
						description: 'Whether to return the parts of each score',
					},
					{
						displayName: 'Extra Input (JSON)',
						name: 'extraInput',
						type: 'json',
						default: '{}',
						description: 'An object of input fields that win over the fields above',
					},
					{
						displayName: 'Filters',
						name: 'stepFilters',
						type: 'json',
						default: '{}',
						description: 'Restrictions; unknown ones are refused',
					},
					{
						displayName: 'Limit',
						name: 'maxItems',
						type: 'number',
						typeOptions: {
							minValue: 1,
							maxValue: 100,
							numberPrecision: 0,
						},
						default: 10,
						description: 'Max number of results to return',
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
						default: 30,
						description: 'How long the run may take before it is ended',
					},
					{
						displayName: 'Modalities',
						name: 'modalities',
						type: 'multiOptions',
						options: [
							{
								name: 'Audio',
								value: 'audio',
							},
							{
								name: 'History',
								value: 'history',
							},
							{
								name: 'Image',
								value: 'image',
							},
							{
								name: 'Text',
								value: 'text',
							},
							{
								name: 'Video',
								value: 'video',
							},
						],
						default: [],
						description: 'Kinds of content to search; all of them when absent',
					},
					{
						displayName: 'Mode',
						name: 'mode',
						type: 'options',
						options: [
							{
								name: 'Auto',
								value: 'auto',
							},
							{
								name: 'Phrase',
								value: 'phrase',
							},
							{
								name: 'Regex',
								value: 'regex',
							},
							{
								name: 'Substring',
								value: 'substring',
							},
							{
								name: 'Words',
								value: 'words',
							},
						],
						default: 'auto',
						description: 'How to read the query; detected when auto',
					},
					{
						displayName: 'Offset',
						name: 'offset',
						type: 'number',
						typeOptions: {
							minValue: 0,
							maxValue: 10000,
							numberPrecision: 0,
						},
						default: 0,
						description: 'How many results to leave out at the start',
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
