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

// Written by `bridge generate` from node_specs/multimodal_analysis.json; edited by nobody.

const STEP: Step = {
	name: 'multimodal_analysis',
	credential: 'multimodalBridgeApi',
	long: true,
	timeout: 600,
	fields: {
		1: [
			{
				param: 'binaryPropertyName',
				wire: 'file',
				kind: 'binary',
				required: true,
				when: {
					source: ['file'],
				},
			},
			{
				param: 'filePath',
				wire: 'file_path',
				kind: 'value',
				required: true,
				when: {
					source: ['path'],
				},
			},
			{
				param: 'text',
				wire: 'text',
				kind: 'value',
				required: true,
				when: {
					source: ['text'],
				},
			},
			{
				param: 'url',
				wire: 'url',
				kind: 'value',
				required: true,
				when: {
					source: ['uRL'],
				},
			},
			{
				param: 'analysisType',
				wire: 'analysis_type',
				kind: 'value',
			},
			{
				param: 'includeSecurity',
				wire: 'include_security',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'includePerformance',
				wire: 'include_performance',
				kind: 'value',
				inOptions: true,
			},
		],
	},
};

export class MultimodalAnalysis implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Multimodal Analysis',
		name: 'multimodalAnalysis',
		icon: {
			light: 'file:../../icons/analysis.svg',
			dark: 'file:../../icons/analysis.dark.svg',
		},
		group: ['transform'],
		version: 1,
		subtitle: '={{$parameter["analysisType"]}}',
		description: 'Analyze source code, text, an image, a PDF, an Office file, audio or video and return findings and content',
		defaults: {
			name: 'Multimodal Analysis',
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
		waitingNodeTooltip: 'Waiting for the run of Multimodal Analysis to end',
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
				displayName: 'Source',
				name: 'source',
				type: 'options',
				noDataExpression: true,
				required: true,
				options: [
					{
						name: 'File',
						value: 'file',
					},
					{
						name: 'Path',
						value: 'path',
					},
					{
						name: 'Text',
						value: 'text',
					},
					{
						name: 'URL',
						value: 'uRL',
					},
				],
				default: 'file',
			},
			{
				displayName: 'Input Data Field Name',
				name: 'binaryPropertyName',
				type: 'string',
				required: true,
				displayOptions: {
					show: {
						source: ['file'],
					},
				},
				default: 'data',
				hint: 'The name of the input field with the file, or file:ID of a file the bridge made',
				description: 'The file to analyze',
			},
			{
				displayName: 'File Path',
				name: 'filePath',
				type: 'string',
				required: true,
				displayOptions: {
					show: {
						source: ['path'],
					},
				},
				placeholder: 'e.g. src/app.py',
				default: '',
				description: 'Path of a file or folder below a configured root',
			},
			{
				displayName: 'Text',
				name: 'text',
				type: 'string',
				typeOptions: {
					rows: 4,
				},
				required: true,
				displayOptions: {
					show: {
						source: ['text'],
					},
				},
				placeholder: 'e.g. eval(input())',
				default: '',
				description: 'Text or source code to analyze',
			},
			{
				displayName: 'URL',
				name: 'url',
				type: 'string',
				required: true,
				displayOptions: {
					show: {
						source: ['uRL'],
					},
				},
				placeholder: 'e.g. https://example.com/report.pdf',
				default: '',
				description: 'Public address of the file to analyze',
			},
			{
				displayName: 'Analysis Type',
				name: 'analysisType',
				type: 'options',
				options: [
					{
						name: 'Comprehensive',
						value: 'comprehensive',
					},
					{
						name: 'Content',
						value: 'content',
					},
					{
						name: 'Performance',
						value: 'performance',
					},
					{
						name: 'Quality',
						value: 'quality',
					},
					{
						name: 'Security',
						value: 'security',
					},
				],
				default: 'comprehensive',
				description: 'What to look for',
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
						displayName: 'Include Performance',
						name: 'includePerformance',
						type: 'boolean',
						default: true,
						description: 'Whether to run the performance rules',
					},
					{
						displayName: 'Include Security',
						name: 'includeSecurity',
						type: 'boolean',
						default: true,
						description: 'Whether to run the security rules',
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
						default: 600,
						description: 'How long the run may take before it is ended',
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
