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

// Written by `bridge generate` from node_specs/health_check.json; edited by nobody.

const STEP: Step = {
	name: 'health_check',
	credential: 'multimodalBridgeApi',
	long: true,
	timeout: 600,
	fields: {
		1: [
			{
				param: 'checkServices',
				wire: 'check_services',
				kind: 'value',
			},
			{
				param: 'checkDependencies',
				wire: 'check_dependencies',
				kind: 'value',
			},
			{
				param: 'checkResources',
				wire: 'check_resources',
				kind: 'value',
			},
			{
				param: 'checks',
				wire: 'checks',
				kind: 'json',
				inOptions: true,
			},
			{
				param: 'dependencies',
				wire: 'dependencies',
				kind: 'json',
				inOptions: true,
			},
			{
				param: 'samples',
				wire: 'samples',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'required',
				wire: 'required',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'interval',
				wire: 'interval',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'timeout',
				wire: 'timeout',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'maxCpu',
				wire: 'max_cpu',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'maxMemory',
				wire: 'max_memory',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'maxDisk',
				wire: 'max_disk',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'maintenance',
				wire: 'maintenance',
				kind: 'json',
				inOptions: true,
			},
		],
	},
};

export class HealthCheck implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Health Check',
		name: 'healthCheck',
		icon: {
			light: 'file:../../icons/health.svg',
			dark: 'file:../../icons/health.dark.svg',
		},
		group: ['transform'],
		version: 1,
		subtitle: '={{$parameter["checkServices"]}}',
		description: "Check services, databases, queues, certificates, names, processes and this machine's resources, and name the root cause when several fail together",
		defaults: {
			name: 'Health Check',
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
		waitingNodeTooltip: 'Waiting for the run of Health Check to end',
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
				displayName: 'Check Services',
				name: 'checkServices',
				type: 'boolean',
				default: true,
				description: 'Whether to check every configured target of kind service',
			},
			{
				displayName: 'Check Dependencies',
				name: 'checkDependencies',
				type: 'boolean',
				default: true,
				description: 'Whether to check every configured database, queue and metrics source',
			},
			{
				displayName: 'Check Resources',
				name: 'checkResources',
				type: 'boolean',
				default: false,
				description: "Whether to check processor, memory and disk of the bridge's machine",
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
						displayName: 'Checks',
						name: 'checks',
						type: 'json',
						default: '[]',
						description: 'Further checks of your own',
					},
					{
						displayName: 'Dependencies',
						name: 'dependencies',
						type: 'json',
						default: '{}',
						description: 'For each check the names of those it depends on',
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
						displayName: 'Interval',
						name: 'interval',
						type: 'number',
						typeOptions: {
							minValue: 0,
							maxValue: 60,
							numberPrecision: 4,
						},
						default: 1,
						description: 'Seconds between looks',
					},
					{
						displayName: 'Maintenance',
						name: 'maintenance',
						type: 'json',
						default: '[]',
						description: 'Windows in which failures are expected',
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
						displayName: 'Max CPU',
						name: 'maxCpu',
						type: 'number',
						typeOptions: {
							minValue: 1,
							maxValue: 100,
							numberPrecision: 4,
						},
						default: 95,
						description: 'Most processor use in percent',
					},
					{
						displayName: 'Max Disk',
						name: 'maxDisk',
						type: 'number',
						typeOptions: {
							minValue: 1,
							maxValue: 100,
							numberPrecision: 4,
						},
						default: 95,
						description: 'Most disk use in percent',
					},
					{
						displayName: 'Max Memory',
						name: 'maxMemory',
						type: 'number',
						typeOptions: {
							minValue: 1,
							maxValue: 100,
							numberPrecision: 4,
						},
						default: 95,
						description: 'Most memory use in percent',
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
						displayName: 'Required',
						name: 'required',
						type: 'number',
						typeOptions: {
							minValue: 1,
							maxValue: 20,
							numberPrecision: 0,
						},
						default: 1,
						description: 'How many looks must succeed; all of them when absent',
					},
					{
						displayName: 'Samples',
						name: 'samples',
						type: 'number',
						typeOptions: {
							minValue: 1,
							maxValue: 20,
							numberPrecision: 0,
						},
						default: 1,
						description: 'How often to look',
					},
					{
						displayName: 'Timeout',
						name: 'timeout',
						type: 'number',
						typeOptions: {
							minValue: 0.1,
							maxValue: 60,
							numberPrecision: 4,
						},
						default: 10,
						description: 'Seconds to wait for each answer',
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
