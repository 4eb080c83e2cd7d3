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
				param: 'repository',
				wire: 'repository',
				kind: 'value',
				required: true,
				when: {
					source: ['repository'],
				},
			},
			{
				param: 'ref',
				wire: 'ref',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'base',
				wire: 'base',
				kind: 'value',
				inOptions: true,
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
			{
				param: 'includeSarif',
				wire: 'include_sarif',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'question',
				wire: 'question',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'documentName',
				wire: 'document_name',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'workflowId',
				wire: 'workflow_id',
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
		description: 'Analyze source code, diffs, text, images, PDF, Office files, audio, video, archives, a folder or a git range. Returns findings (rule, severity, place, fix, CWE) and the content as documents of quotable segments. Everything runs locally; a configured remote engine adds descriptions.',
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
						name: 'Repository',
						value: 'repository',
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
				description: 'Path of a file or folder below a configured root, or a pattern such as src/**/*.py',
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
				displayName: 'Repository',
				name: 'repository',
				type: 'string',
				required: true,
				displayOptions: {
					show: {
						source: ['repository'],
					},
				},
				placeholder: 'e.g. https://example.com/app.git',
				default: '',
				description: 'Git repository to analyze: a path below a root or an address',
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
				description: 'What to look for: security runs the security rules, flow checks and the search for secrets; performance and quality run those rules; content reads text, tables, pictures and speech without judging; comprehensive does all of it',
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
						displayName: 'Base',
						name: 'base',
						type: 'string',
						placeholder: 'e.g. main~1',
						default: '',
						description: 'Commit or branch to compare with: only lines changed since then are judged',
					},
					{
						displayName: 'Document Name',
						name: 'documentName',
						type: 'string',
						placeholder: 'e.g. app.py',
						default: '',
						description: 'Name of the given text; its extension tells the language',
					},
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
						description: 'Whether performance rules run when analysis_type asks for them',
					},
					{
						displayName: 'Include SARIF',
						name: 'includeSarif',
						type: 'boolean',
						default: false,
						description: 'Whether to add the findings as a SARIF 2.1.0 file',
					},
					{
						displayName: 'Include Security',
						name: 'includeSecurity',
						type: 'boolean',
						default: true,
						description: 'Whether security rules run when analysis_type asks for them',
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
					{
						displayName: 'Question',
						name: 'question',
						type: 'string',
						typeOptions: {
							rows: 2,
						},
						default: '',
						description: 'What to ask a configured remote model about the content',
					},
					{
						displayName: 'Ref',
						name: 'ref',
						type: 'string',
						placeholder: 'e.g. main',
						default: '',
						description: 'Branch, tag or commit to check out; the default branch if absent',
					},
					{
						displayName: 'Workflow ID',
						name: 'workflowId',
						type: 'string',
						default: '',
						description: 'Label that is handed to a remote engine with the content',
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
