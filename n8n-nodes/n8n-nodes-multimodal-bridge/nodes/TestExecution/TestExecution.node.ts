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

// Written by `bridge generate` from node_specs/test_execution.json; edited by nobody.

const STEP: Step = {
	name: 'test_execution',
	credential: 'multimodalBridgeApi',
	long: true,
	timeout: 3600,
	fields: {
		1: [
			{
				param: 'repository',
				wire: 'repository',
				kind: 'value',
				required: true,
			},
			{
				param: 'ref',
				wire: 'ref',
				kind: 'value',
			},
			{
				param: 'base',
				wire: 'base',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'testTypes',
				wire: 'test_types',
				kind: 'value',
			},
			{
				param: 'framework',
				wire: 'framework',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'command',
				wire: 'command',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'report',
				wire: 'report',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'coverageReport',
				wire: 'coverage_report',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'coverageThreshold',
				wire: 'coverage_threshold',
				kind: 'value',
			},
			{
				param: 'patchCoverageThreshold',
				wire: 'patch_coverage_threshold',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'parallelExecution',
				wire: 'parallel_execution',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'selection',
				wire: 'selection',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'retries',
				wire: 'retries',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'shardIndex',
				wire: 'shard_index',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'shardTotal',
				wire: 'shard_total',
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
				param: 'environment',
				wire: 'environment',
				kind: 'json',
				inOptions: true,
			},
			{
				param: 'installDependencies',
				wire: 'install_dependencies',
				kind: 'value',
				inOptions: true,
			},
		],
	},
};

export class TestExecution implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Test Execution',
		name: 'testExecution',
		icon: {
			light: 'file:../../icons/test.svg',
			dark: 'file:../../icons/test.dark.svg',
		},
		group: ['transform'],
		version: 1,
		subtitle: '={{$parameter["repository"]}}',
		description: "Run a repository's test suite in a sandbox without network and judge it: results per test, coverage, failures grouped by cause, and a verdict that is never green without data",
		defaults: {
			name: 'Test Execution',
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
		waitingNodeTooltip: 'Waiting for the run of Test Execution to end',
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
				displayName: 'Repository',
				name: 'repository',
				type: 'string',
				required: true,
				placeholder: 'e.g. shop',
				default: '',
				description: 'Path below a configured root, or https address of the git repository',
			},
			{
				displayName: 'Ref',
				name: 'ref',
				type: 'string',
				placeholder: 'e.g. main',
				default: '',
				description: 'Branch, tag or commit to test; without one, the default branch',
			},
			{
				displayName: 'Test Types',
				name: 'testTypes',
				type: 'multiOptions',
				options: [
					{
						name: 'E2e',
						value: 'e2e',
					},
					{
						name: 'Integration',
						value: 'integration',
					},
					{
						name: 'Unit',
						value: 'unit',
					},
				],
				default: ['unit'],
				description: 'Kinds of tests to run; .bridge/tests.toml may give each its command',
			},
			{
				displayName: 'Coverage Threshold',
				name: 'coverageThreshold',
				type: 'number',
				typeOptions: {
					minValue: 0,
					maxValue: 100,
					numberPrecision: 4,
				},
				default: 0,
				description: 'Least coverage of all lines, in percent',
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
						placeholder: 'e.g. origin/main',
						default: '',
						description: 'Revision to compare with, for patch coverage and impacted tests',
					},
					{
						displayName: 'Command',
						name: 'command',
						type: 'string',
						placeholder: 'e.g. make test',
						default: '',
						description: 'Command to run instead of the detected one; it must write the report',
					},
					{
						displayName: 'Coverage Report',
						name: 'coverageReport',
						type: 'string',
						placeholder: 'e.g. coverage.xml',
						default: '',
						description: 'Coverage file the command writes: Cobertura, lcov, coverage.py JSON or Go cover profile',
					},
					{
						displayName: 'Download Files',
						name: 'downloadFiles',
						type: 'boolean',
						default: true,
						description: 'Whether to return the files of the result as binary data',
					},
					{
						displayName: 'Environment',
						name: 'environment',
						type: 'json',
						default: '{}',
						description: 'Environment variables for the tests; no secrets, the tests can read and print them',
					},
					{
						displayName: 'Extra Input (JSON)',
						name: 'extraInput',
						type: 'json',
						default: '{}',
						description: 'An object of input fields that win over the fields above',
					},
					{
						displayName: 'Framework',
						name: 'framework',
						type: 'options',
						options: [
							{
								name: 'Auto',
								value: 'auto',
							},
							{
								name: 'Cargo',
								value: 'cargo',
							},
							{
								name: 'Go',
								value: 'go',
							},
							{
								name: 'Jest',
								value: 'jest',
							},
							{
								name: 'Node',
								value: 'node',
							},
							{
								name: 'Pytest',
								value: 'pytest',
							},
							{
								name: 'Unittest',
								value: 'unittest',
							},
							{
								name: 'Vitest',
								value: 'vitest',
							},
						],
						default: 'auto',
						description: "Test runner; auto looks at the repository's files",
					},
					{
						displayName: 'Install Dependencies',
						name: 'installDependencies',
						type: 'boolean',
						default: true,
						description: 'Whether to fetch the dependencies from the package registries first, in a sandbox of their own',
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
						default: 3600,
						description: 'How long the run may take before it is ended',
					},
					{
						displayName: 'Parallel Execution',
						name: 'parallelExecution',
						type: 'boolean',
						default: false,
						description: 'Whether to use several processes where the runner can',
					},
					{
						displayName: 'Patch Coverage Threshold',
						name: 'patchCoverageThreshold',
						type: 'number',
						typeOptions: {
							minValue: 0,
							maxValue: 100,
							numberPrecision: 4,
						},
						default: 0,
						description: 'Least coverage of the lines changed since the base, in percent',
					},
					{
						displayName: 'Report',
						name: 'report',
						type: 'string',
						placeholder: 'e.g. build/junit.xml',
						default: '',
						description: 'Report the command writes: JUnit XML, CTRF, SARIF or Jest JSON; without one its output is read as TAP',
					},
					{
						displayName: 'Retries',
						name: 'retries',
						type: 'number',
						typeOptions: {
							minValue: 0,
							maxValue: 5,
							numberPrecision: 0,
						},
						default: 0,
						description: 'How often a failed test is tried again; one that passes then is flaky',
					},
					{
						displayName: 'Selection',
						name: 'selection',
						type: 'options',
						options: [
							{
								name: 'All',
								value: 'all',
							},
							{
								name: 'Impacted',
								value: 'impacted',
							},
						],
						default: 'all',
						description: 'All tests, or those that the changes since the base can affect, each with its reason',
					},
					{
						displayName: 'Shard Index',
						name: 'shardIndex',
						type: 'number',
						typeOptions: {
							minValue: 1,
							maxValue: 100,
							numberPrecision: 0,
						},
						default: 1,
						description: 'Which part to run, from 1',
					},
					{
						displayName: 'Shard Total',
						name: 'shardTotal',
						type: 'number',
						typeOptions: {
							minValue: 1,
							maxValue: 100,
							numberPrecision: 0,
						},
						default: 1,
						description: 'Into how many parts the tests are divided',
					},
					{
						displayName: 'Timeout',
						name: 'timeout',
						type: 'number',
						typeOptions: {
							minValue: 1,
							maxValue: 3600,
							numberPrecision: 4,
						},
						default: 600,
						description: 'Longest time for each kind of tests, in seconds',
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
