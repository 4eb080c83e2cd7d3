import type {
	IHookFunctions,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { isRegistered, receive, register, unregister } from '../../transport/registrations';

// Written by `bridge generate`; edited by nobody.

export class BridgeTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Bridge Trigger',
		name: 'bridgeTrigger',
		icon: {
			light: 'file:../../icons/trigger.svg',
			dark: 'file:../../icons/trigger.dark.svg',
		},
		group: ['trigger'],
		version: 1,
		subtitle: '={{$parameter["events"].join(", ")}}',
		description: 'Starts the workflow on events that the bridge watches',
		defaults: {
			name: 'Bridge Trigger',
		},
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{
				name: 'multimodalBridgeApi',
				required: true,
			},
		],
		webhooks: [
			{
				name: 'default',
				httpMethod: 'POST',
				responseMode: 'onReceived',
				path: 'webhook',
			},
		],
		properties: [
			{
				displayName: 'Trigger On',
				name: 'events',
				type: 'multiOptions',
				required: true,
				options: [
					{
						name: 'Alert',
						value: 'alert',
						description: 'A monitoring system reports an alert',
					},
					{
						name: 'API Change',
						value: 'api_change',
						description: 'An API description changes',
					},
					{
						name: 'Git Push',
						value: 'git_push',
						description: 'Commits arrive in a repository',
					},
					{
						name: 'Manual Start',
						value: 'manual',
						description: 'Someone starts the workflow through the bridge',
					},
					{
						name: 'Pull Request',
						value: 'pull_request',
						description: 'A pull or merge request is opened or changed',
					},
					{
						name: 'Release Tag',
						value: 'release_tag',
						description: 'A release or a version tag is made',
					},
					{
						name: 'Schedule',
						value: 'schedule',
						description: 'A time given as a cron expression comes',
					},
					{
						name: 'Schema Change',
						value: 'schema_change',
						description: 'A database schema changes',
					},
				],
				default: ['manual'],
			},
			{
				displayName: 'Additional Options',
				name: 'additionalOptions',
				type: 'collection',
				placeholder: 'Add Option',
				default: {},
				options: [
					{
						displayName: 'Branches',
						name: 'branches',
						type: 'string',
						typeOptions: {
							multipleValues: true,
						},
						default: [],
						description: 'Only these branches, as glob patterns such as release/*',
					},
					{
						displayName: 'Cron',
						name: 'cron',
						type: 'string',
						default: '',
						placeholder: 'e.g. 0 3 * * *',
						description: 'When the schedule starts the workflow, in five fields',
					},
					{
						displayName: 'Extra Config (JSON)',
						name: 'extraConfig',
						type: 'json',
						default: '{}',
						description: 'Any further setting of the chosen events',
					},
					{
						displayName: 'Repository',
						name: 'repository',
						type: 'string',
						default: '',
						placeholder: 'e.g. https://git.example.com/team/project.git',
						description: 'Only events of this repository',
					},
				],
			},
		],
	};

	webhookMethods = {
		default: {
			async checkExists(this: IHookFunctions): Promise<boolean> {
				return await isRegistered.call(this);
			},
			async create(this: IHookFunctions): Promise<boolean> {
				return await register.call(this);
			},
			async delete(this: IHookFunctions): Promise<boolean> {
				return await unregister.call(this);
			},
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await receive.call(this);
	}
}
