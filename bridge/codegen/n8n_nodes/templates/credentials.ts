import type {
	IAuthenticateGeneric,
	Icon,
	ICredentialTestRequest,
	ICredentialType,
	INodeProperties,
} from 'n8n-workflow';

export class @@credentialClass@@ implements ICredentialType {
	name = '@@credential@@';

	displayName = '@@packTitle@@ API';

	icon: Icon = { light: 'file:../icons/bridge.svg', dark: 'file:../icons/bridge.dark.svg' };

	documentationUrl = '@@repository@@?tab=readme-ov-file#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			required: true,
			default: 'http://127.0.0.1:8007',
			placeholder: 'e.g. https://bridge.example.com',
			description: 'Address under which n8n reaches the bridge',
		},
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			description: 'A key that the bridge knows. The role use is enough.',
		},
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: {
			headers: {
				Authorization: '=Bearer {{$credentials.apiKey}}',
			},
		},
	};

	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{$credentials.baseUrl}}',
			url: '/v1/steps',
		},
	};
}
