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

// Written by `bridge generate` from node_specs/gate.json; edited by nobody.

const STEP: Step = {
	name: 'gate',
	credential: 'multimodalBridgeApi',
	long: false,
	timeout: 60,
	fields: {
		1: [
			{
				param: 'stage',
				wire: 'stage',
				kind: 'value',
			},
			{
				param: 'event',
				wire: 'event',
				kind: 'json',
				inOptions: true,
			},
			{
				param: 'conditions',
				wire: 'conditions',
				kind: 'json',
				inOptions: true,
			},
			{
				param: 'needs',
				wire: 'needs',
				kind: 'rows',
				inOptions: true,
				columns: {
					step: 'step',
					input: 'input',
					path: 'path',
				},
			},
			{
				param: 'executionId',
				wire: 'execution_id',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'sources',
				wire: 'sources',
				kind: 'json',
				inOptions: true,
			},
			{
				param: 'subject',
				wire: 'subject',
				kind: 'value',
				inOptions: true,
			},
			{
				param: 'params',
				wire: 'params',
				kind: 'json',
				inOptions: true,
			},
			{
				param: 'clauses',
				wire: 'clauses',
				kind: 'rows',
				inOptions: true,
				columns: {
					code: 'code',
					cel: 'cel',
					value: 'value',
				},
			},
		],
	},
};

export class Gate implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Gate',
		name: 'gate',
		icon: {
			light: 'file:../../icons/gate.svg',
			dark: 'file:../../icons/gate.dark.svg',
		},
		group: ['transform'],
		version: 1,
		subtitle: '={{$parameter["stage"]}}',
		description: "Decide whether a workflow may go on: evaluate conditions on the trigger's event or on earlier results and return a verdict with a reason per clause. The first gate of a workflow also claims the execution, so that it is recorded exactly once.",
		defaults: {
			name: 'Gate',
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
				displayName: 'Stage',
				name: 'stage',
				type: 'options',
				options: [
					{
						name: 'Branch',
						value: 'branch',
					},
					{
						name: 'Entry',
						value: 'entry',
					},
					{
						name: 'Step',
						value: 'step',
					},
				],
				default: 'step',
				description: 'Where the gate stands: behind the triggers, behind a step, or before an optional step',
			},
			{
				displayName: 'Additional Options',
				name: 'additionalOptions',
				type: 'collection',
				placeholder: 'Add Option',
				default: {},
				options: [
					{
						displayName: 'Clauses',
						name: 'clauses',
						type: 'fixedCollection',
						typeOptions: {
							multipleValues: true,
						},
						placeholder: 'Add Clause',
						options: [
							{
								displayName: 'Clauses',
								name: 'values',
								values: [
									{
										displayName: 'CEL',
										name: 'cel',
										type: 'string',
										placeholder: 'e.g. result.success',
										default: '',
										description: 'The expression; it must give true or false',
									},
									{
										displayName: 'Code',
										name: 'code',
										type: 'string',
										default: '',
										description: 'Name of the clause, such as test_success_rate',
									},
									{
										displayName: 'Value',
										name: 'value',
										type: 'string',
										default: '',
										description: 'What the clause calls value, as JSON',
									},
								],
							},
						],
						default: {},
						description: 'Conditions as CEL expressions over result, value, steps, event and params; each gives one reason',
					},
					{
						displayName: 'Conditions',
						name: 'conditions',
						type: 'json',
						default: '{}',
						description: 'What the changed files of the event must be like',
					},
					{
						displayName: 'Download Files',
						name: 'downloadFiles',
						type: 'boolean',
						default: true,
						description: 'Whether to return the files of the result as binary data',
					},
					{
						displayName: 'Event',
						name: 'event',
						type: 'json',
						default: '{}',
						description: "The trigger's event, as it was delivered",
					},
					{
						displayName: 'Execution ID',
						name: 'executionId',
						type: 'string',
						default: '',
						description: 'The execution to mark as skipped when this gate stays closed, from the entry gate',
					},
					{
						displayName: 'Extra Input (JSON)',
						name: 'extraInput',
						type: 'json',
						default: '{}',
						description: 'An object of input fields that win over the fields above',
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
						default: 60,
						description: 'How long the run may take before it is ended',
					},
					{
						displayName: 'Needs',
						name: 'needs',
						type: 'fixedCollection',
						typeOptions: {
							multipleValues: true,
						},
						placeholder: 'Add Need',
						options: [
							{
								displayName: 'Needs',
								name: 'values',
								values: [
									{
										displayName: 'Input',
										name: 'input',
										type: 'string',
										default: '',
										description: 'The input it fills',
									},
									{
										displayName: 'Path',
										name: 'path',
										type: 'string',
										default: '',
										description: 'Where in the event, such as repository.clone_url',
									},
									{
										displayName: 'Step',
										name: 'step',
										type: 'string',
										default: '',
										description: 'The step that needs it',
									},
								],
							},
						],
						default: {},
						description: 'Event fields that steps cannot do without; an entry gate refuses an event that lacks one',
					},
					{
						displayName: 'Params',
						name: 'params',
						type: 'json',
						default: '{}',
						description: 'Template parameters that clauses call params',
					},
					{
						displayName: 'Sources',
						name: 'sources',
						type: 'json',
						default: '{}',
						description: 'Earlier results by step ID, each as node:&lt;node name&gt; or run:&lt;run ID&gt;',
					},
					{
						displayName: 'Subject',
						name: 'subject',
						type: 'string',
						default: '',
						description: 'The source that clauses call result',
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
