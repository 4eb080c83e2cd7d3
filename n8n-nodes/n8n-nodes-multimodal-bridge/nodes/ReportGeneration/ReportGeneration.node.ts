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

// Written by `bridge generate` from node_specs/report_generation.json; edited by nobody.

const STEP: Step = {
	name: 'report_generation',
	credential: 'multimodalBridgeApi',
	long: true,
	timeout: 300,
	fields: {
		1: [
			{
				param: 'format',
				wire: 'format',
				kind: 'value',
			},
			{
				param: 'title',
				wire: 'title',
				kind: 'value',
			},
			{
				param: 'includeSuggestions',
				wire: 'include_suggestions',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'includeDiagrams',
				wire: 'include_diagrams',
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
				param: 'items',
				wire: 'items',
				kind: 'json',
				inOptions: true,
			},
			{
				param: 'template',
				wire: 'template',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'repository',
				wire: 'repository',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'branch',
				wire: 'branch',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'baseBranch',
				wire: 'base_branch',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'dismiss',
				wire: 'dismiss',
				kind: 'rows',
				inOptions: true,
				columns: {
					fingerprint: 'fingerprint',
					by: 'by',
					why: 'why',
				},
			},
			{
				param: 'newOnly',
				wire: 'new_only',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'pullRequest',
				wire: 'pull_request',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'commit',
				wire: 'commit',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'diff',
				wire: 'diff',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'forge',
				wire: 'forge',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'failOn',
				wire: 'fail_on',
				kind: 'value',
				inOptions: true,
			},
		],
	},
};

export class ReportGeneration implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Report Generation',
		name: 'reportGeneration',
		icon: {
			light: 'file:../../icons/report.svg',
			dark: 'file:../../icons/report.dark.svg',
		},
		group: ['transform'],
		version: 1,
		subtitle: '={{$parameter["format"]}}',
		description: 'Turn what earlier steps of this execution found into one report for people or tools: a summary with a verdict and numbers, findings by severity with suggestions, tables, charts and diagrams. The text comes back as Markdown in report, the whole report as a file in the format asked for. Without sources or items every ended step of the execution is reported.',
		defaults: {
			name: 'Report Generation',
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
		waitingNodeTooltip: 'Waiting for the run of Report Generation to end',
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
				displayName: 'Format',
				name: 'format',
				type: 'options',
				options: [
					{
						name: 'HTML',
						value: 'html',
					},
					{
						name: 'JSON',
						value: 'json',
					},
					{
						name: 'JUnit',
						value: 'junit',
					},
					{
						name: 'Markdown',
						value: 'markdown',
					},
					{
						name: 'PDF',
						value: 'pdf',
					},
					{
						name: 'SARIF',
						value: 'sarif',
					},
				],
				default: 'markdown',
				description: "Format of the report's file",
			},
			{
				displayName: 'Title',
				name: 'title',
				type: 'string',
				placeholder: 'e.g. Nightly quality report',
				default: '',
				description: 'Title of the report; without one it is made from the repository and branch',
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
						displayName: 'Base Branch',
						name: 'baseBranch',
						type: 'string',
						default: '',
						description: 'Branch this one will be merged into; what is known there is not called new here',
					},
					{
						displayName: 'Branch',
						name: 'branch',
						type: 'string',
						default: 'main',
						description: 'Branch the findings belong to',
					},
					{
						displayName: 'Commit',
						name: 'commit',
						type: 'string',
						default: '',
						description: 'Commit the review is about',
					},
					{
						displayName: 'Diff',
						name: 'diff',
						type: 'string',
						typeOptions: {
							rows: 4,
						},
						default: '',
						description: 'Unified diff of the pull request; inline comments stand only on its lines',
					},
					{
						displayName: 'Dismiss',
						name: 'dismiss',
						type: 'fixedCollection',
						typeOptions: {
							multipleValues: true,
						},
						placeholder: 'Add Dismiss',
						options: [
							{
								displayName: 'Dismiss',
								name: 'values',
								values: [
									{
										displayName: 'By',
										name: 'by',
										type: 'string',
										default: '',
										description: 'Who dismisses it',
									},
									{
										displayName: 'Fingerprint',
										name: 'fingerprint',
										type: 'string',
										default: '',
										description: 'Fingerprint of the finding, or its first 8 characters or more',
									},
									{
										displayName: 'Why',
										name: 'why',
										type: 'string',
										default: '',
										description: 'Why it may stay',
									},
								],
							},
						],
						default: {},
						description: 'Findings to dismiss in the ledger before reporting',
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
						displayName: 'Fail On',
						name: 'failOn',
						type: 'options',
						options: [
							{
								name: 'Critical',
								value: 'critical',
							},
							{
								name: 'High',
								value: 'high',
							},
							{
								name: 'Low',
								value: 'low',
							},
							{
								name: 'Medium',
								value: 'medium',
							},
							{
								name: 'Never',
								value: 'never',
							},
						],
						default: 'high',
						description: "The mildest severity of a finding that makes the report's verdict fail",
					},
					{
						displayName: 'Forge',
						name: 'forge',
						type: 'string',
						default: '',
						description: 'Name of a configured target of kind forge; the review is then posted there, its summary edited in place',
					},
					{
						displayName: 'Include Diagrams',
						name: 'includeDiagrams',
						type: 'boolean',
						default: true,
						description: 'Whether to draw charts and diagrams',
					},
					{
						displayName: 'Include Suggestions',
						name: 'includeSuggestions',
						type: 'boolean',
						default: true,
						description: 'Whether to show how each finding can be mended, as text and as a patch',
					},
					{
						displayName: 'Items',
						name: 'items',
						type: 'json',
						default: '[]',
						description: "Results given directly, each an object like a step's result; title names its section",
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
						default: 300,
						description: 'How long the run may take before it is ended',
					},
					{
						displayName: 'New Only',
						name: 'newOnly',
						type: 'boolean',
						default: false,
						description: 'Whether only findings that are new or came back can make the verdict fail',
					},
					{
						displayName: 'Pull Request',
						name: 'pullRequest',
						type: 'number',
						typeOptions: {
							minValue: 1,
							numberPrecision: 0,
						},
						default: 1,
						description: "Number of the pull or merge request to review; the result then carries the review as JSON for GitHub's and GitLab's API",
					},
					{
						displayName: 'Repository',
						name: 'repository',
						type: 'string',
						placeholder: 'e.g. acme/shop',
						default: '',
						description: 'Repository whose ledger remembers the findings, so that the report says which are new, still open or fixed; without one nothing is remembered',
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
						description: 'Results to report, such as node:Run Tests or run:&lt;ID&gt;; without any, all ended steps of this execution',
					},
					{
						displayName: 'Template',
						name: 'template',
						type: 'string',
						placeholder: 'e.g. weekly',
						default: '',
						description: 'Name of a template of your own in the folder BRIDGE_REPORT_TEMPLATES, such as weekly for weekly.md.j2 and weekly.html.j2',
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
