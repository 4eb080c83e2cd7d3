import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import type { BinaryPart, StepInput } from './input';
import { bridgeRequest } from './requests';

const LARGEST_MULTIPART = 8 * 1024 * 1024;
const CHUNK = 256 * 1024;

/** The body of a call: JSON, or multipart when files go along; large files are sent ahead as streams. */
export async function requestBody(
	this: IExecuteFunctions,
	credential: string,
	{ input, binaries }: StepInput,
	itemIndex: number,
): Promise<IDataObject | FormData> {
	const sizes = await Promise.all(
		binaries.map(async ({ property }) => await sizeOf.call(this, property, itemIndex)),
	);
	const total = sizes.reduce((sum, size) => sum + size, 0);
	if (total <= LARGEST_MULTIPART && binaries.length) {
		return await multipart.call(this, input, binaries, itemIndex);
	}
	const body = { ...input };
	for (const { wire, property } of binaries) {
		body[wire] = await upload.call(this, credential, property, itemIndex);
	}
	return body;
}

async function sizeOf(
	this: IExecuteFunctions,
	property: string,
	itemIndex: number,
): Promise<number> {
	const { id, data } = this.helpers.assertBinaryData(itemIndex, property);
	if (id) return (await this.helpers.getBinaryMetadata(id)).fileSize;
	return Buffer.byteLength(data, 'base64');
}

/** A multipart body from global FormData and Blob, so that the package needs no dependency. */
async function multipart(
	this: IExecuteFunctions,
	input: IDataObject,
	binaries: BinaryPart[],
	itemIndex: number,
): Promise<FormData> {
	const form = new FormData();
	form.append('input', new Blob([JSON.stringify(input)], { type: 'application/json' }));
	for (const { wire, property } of binaries) {
		const { mimeType, fileName } = this.helpers.assertBinaryData(itemIndex, property);
		const content = await this.helpers.getBinaryDataBuffer(itemIndex, property);
		form.append(wire, new Blob([new Uint8Array(content)], { type: mimeType }), fileName ?? wire);
	}
	return form;
}

/** Streams a stored file to the bridge, so that n8n does not hold it in memory; returns its reference. */
async function upload(
	this: IExecuteFunctions,
	credential: string,
	property: string,
	itemIndex: number,
): Promise<string> {
	const { id, mimeType, fileName } = this.helpers.assertBinaryData(itemIndex, property);
	const body = id
		? await this.helpers.getBinaryStream(id, CHUNK)
		: await this.helpers.getBinaryDataBuffer(itemIndex, property);
	const response = await bridgeRequest.call(
		this,
		credential,
		{
			method: 'PUT',
			url: '/v1/blobs',
			headers: {
				'Content-Type': mimeType,
				'Content-Length': await sizeOf.call(this, property, itemIndex),
				'X-File-Name': encodeURIComponent(fileName ?? property),
			},
			body,
			// Following redirects would make the HTTP client keep the whole body for a second try.
			maxRedirects: 0,
			timeout: 0,
		},
		itemIndex,
	);
	const answer = response.body as IDataObject | string;
	return String((typeof answer === 'string' ? (JSON.parse(answer) as IDataObject) : answer).blob);
}
