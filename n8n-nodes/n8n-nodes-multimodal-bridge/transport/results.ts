import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	IWebhookFunctions,
} from 'n8n-workflow';
import type { BridgeFile, Result } from './contract';
import { bridgeRequest } from './requests';

/** One n8n item of a result, with the files the step made as binary data. */
export async function toItem(
	this: IExecuteFunctions | IWebhookFunctions,
	credential: string,
	result: Result,
	itemIndex: number,
	downloadFiles: boolean,
): Promise<INodeExecutionData> {
	const item: INodeExecutionData = { json: result as IDataObject, pairedItem: { item: itemIndex } };
	// A tool's binary data never reaches the model, and the result names each file's id anyway.
	if (!downloadFiles || this.getNode().type.endsWith('Tool')) return item;
	for (const [index, file] of (result.files ?? []).entries()) {
		item.binary ??= {};
		item.binary[index === 0 ? 'data' : `data_${index}`] = await download.call(
			this,
			credential,
			file,
			itemIndex,
		);
	}
	return item;
}

async function download(
	this: IExecuteFunctions | IWebhookFunctions,
	credential: string,
	file: BridgeFile,
	itemIndex: number,
) {
	const { body } = await bridgeRequest.call(
		this,
		credential,
		{ method: 'GET', url: pathOf(file), encoding: 'stream', timeout: 0 },
		itemIndex,
	);
	// A stream, which the helper takes as well as a buffer.
	return await this.helpers.prepareBinaryData(body as Buffer, file.name, file.media_type);
}

/** Files are fetched from the credential's bridge only, whatever address a result may name. */
function pathOf(file: BridgeFile): string {
	return `/v1/files/${encodeURIComponent(file.file_id)}`;
}
