import type {
	IDataObject,
	IExecuteFunctions,
	IHookFunctions,
	ILoadOptionsFunctions,
	IWebhookFunctions,
} from 'n8n-workflow';

/** What the bridge and its nodes say to each other. */

export type Context =
	| IExecuteFunctions
	| IHookFunctions
	| ILoadOptionsFunctions
	| IWebhookFunctions;

/** One input field of a step: `param` is its name in n8n, `wire` its name on the wire. */
export interface Field {
	param: string;
	wire: string;
	kind: 'value' | 'json' | 'rows' | 'numbers' | 'locator' | 'binary' | 'time';
	/** The field stands in the collection of additional options. */
	inOptions?: boolean;
	required?: boolean;
	/** Values of other parameters that show this field; a hidden field is not sent. */
	when?: Record<string, Array<string | number | boolean>>;
	/** Names of a row's columns on the wire, by their parameter name. */
	columns?: Record<string, string>;
}

export interface Step {
	name: string;
	credential: string;
	long: boolean;
	timeout: number;
	/** The fields of every version of the node. */
	fields: Record<number, Field[]>;
}

export interface Problem extends IDataObject {
	title?: string;
	detail?: string;
	message?: string;
	code?: string;
	status?: number;
	issues?: Array<{ code?: string; where?: string; message?: string }>;
	retryable?: boolean;
	run_id?: string;
	upstream?: { status?: number; message?: string };
}

export interface BridgeFile extends IDataObject {
	file_id: string;
	name: string;
	media_type: string;
	url: string;
}

export interface Result extends IDataObject {
	run_id?: string;
	files?: BridgeFile[];
}

export type Status = 'queued' | 'running' | 'completed' | 'failed' | 'canceled';

export interface Run extends IDataObject {
	id: string;
	step: string;
	status: Status;
	deadline?: string;
	claimed?: boolean;
	n8n?: { node?: string };
	result?: Result;
	error?: Problem;
}

export const ENDED: ReadonlySet<Status> = new Set<Status>(['completed', 'failed', 'canceled']);

export const WAIT_MODE = 'waitMode';
export const OPTIONS = 'additionalOptions';
