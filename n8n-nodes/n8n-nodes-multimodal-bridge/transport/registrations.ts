import type {
	IDataObject,
	IHookFunctions,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import { bridgeRequest } from './requests';
import { isSigned, newSecret } from './signatures';

interface Slot {
	id?: string;
	secret?: string;
}

const CREDENTIAL = 'multimodalBridgeApi';

/** The test address and the production one are registered apart, so each keeps its own id and secret. */
function slotOf(context: IHookFunctions | IWebhookFunctions): { name: string; slot: Slot } {
	const activation = 'getActivationMode' in context ? context.getActivationMode?.() : undefined;
	const name = activation === 'manual' || context.getMode() === 'manual' ? 'test' : 'live';
	const slot = (context.getWorkflowStaticData('node')[name] ?? {}) as Slot;
	return { name, slot };
}

/** Whether the bridge still calls this node's address; only a clear "not found" means no. */
export async function isRegistered(this: IHookFunctions): Promise<boolean> {
	const { name, slot } = slotOf(this);
	if (!slot.id || !slot.secret) return false;
	try {
		const { body } = await bridgeRequest.call(this, CREDENTIAL, {
			method: 'GET',
			url: webhookUrl(slot.id),
			json: true,
		});
		return (body as IDataObject).url === this.getNodeWebhookUrl('default');
	} catch (error) {
		if (error instanceof NodeApiError && error.httpCode === '404') {
			this.logger.debug(`The bridge no longer knows the webhook ${slot.id}`);
			delete this.getWorkflowStaticData('node')[name];
			return false;
		}
		throw new NodeOperationError(this.getNode(), error as Error);
	}
}

/** Registers this node's address with a fresh secret, in place of an earlier registration. */
export async function register(this: IHookFunctions): Promise<boolean> {
	const { name } = slotOf(this);
	const secret = newSecret();
	const { body } = await bridgeRequest.call(this, CREDENTIAL, {
		method: 'POST',
		url: '/v1/webhooks',
		body: {
			url: this.getNodeWebhookUrl('default'),
			events: this.getNodeParameter('events', []),
			config: configOf.call(this),
			secret,
			workflow_id: String(this.getWorkflow().id ?? ''),
			node: this.getNode().name,
			test: name === 'test',
		},
		json: true,
	});
	this.getWorkflowStaticData('node')[name] = { id: String((body as IDataObject).id), secret };
	return true;
}

/** Removes the registration; when the bridge cannot be reached it says so and keeps the id for later. */
export async function unregister(this: IHookFunctions): Promise<boolean> {
	const { name, slot } = slotOf(this);
	if (!slot.id) return true;
	try {
		await bridgeRequest.call(this, CREDENTIAL, { method: 'DELETE', url: webhookUrl(slot.id) });
	} catch (error) {
		if (!(error instanceof NodeApiError && error.httpCode === '404')) {
			this.logger.warn(`The webhook ${slot.id} could not be removed from the bridge`, {
				reason: (error as Error).message,
			});
			return false;
		}
	}
	delete this.getWorkflowStaticData('node')[name];
	return true;
}

/** Starts the workflow with the event, if the bridge signed it. */
export async function receive(this: IWebhookFunctions): Promise<IWebhookResponseData> {
	const { slot } = slotOf(this);
	const { rawBody } = this.getRequestObject();
	if (!slot.secret || !isSigned(slot.secret, this.getHeaderData(), rawBody ?? '')) {
		this.getResponseObject()
			.status(401)
			.json({ message: 'The signature is missing, too old or wrong' });
		return { noWebhookResponse: true };
	}
	return { workflowData: [this.helpers.returnJsonArray(this.getBodyData())] };
}

function configOf(this: IHookFunctions): IDataObject {
	const given = this.getNodeParameter('additionalOptions', {}) as IDataObject;
	const { extraConfig, ...config } = given;
	let extra: IDataObject = {};
	try {
		extra = typeof extraConfig === 'string' ? (JSON.parse(extraConfig || '{}') as IDataObject) : {};
	} catch (error) {
		throw new NodeOperationError(
			this.getNode(),
			"The value of 'Extra Config (JSON)' is not valid JSON",
			{
				description: (error as Error).message,
			},
		);
	}
	const kept = Object.entries(config).filter(
		([, value]) => value !== '' && (value as string[]).length !== 0,
	);
	return { ...Object.fromEntries(kept), ...extra };
}

function webhookUrl(id: string): string {
	return `/v1/webhooks/${encodeURIComponent(id)}`;
}
