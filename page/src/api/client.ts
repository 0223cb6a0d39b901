import createClient from "openapi-fetch";

import { send } from "./request";
import type { paths } from "./schema";

/** Every call of the API, typed by the recorder's own OpenAPI document. Throws ApiError. */
export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: send });

/** What a call answers with; `api` has thrown already when it is not a success. */
export async function answer<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}
