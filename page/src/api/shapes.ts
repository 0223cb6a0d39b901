/** Short names for the shapes of the API; `schema.d.ts` is generated from the recorder's OpenAPI (`npm run api`). */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Localised = Schemas["Sentence"];
export type Session = Schemas["SessionAnswer"];
export type Site = Schemas["Site"];

// The server always fills these; OpenAPI calls them optional because requests of the same shape may leave them out.
export type CameraState = Required<Schemas["CameraState"]>;
export type Camera = Omit<Schemas["Camera"], "state"> & { state: CameraState };
export type CameraAdd = Schemas["CameraAdd"];
export type CameraEdit = Schemas["CameraEdit"];
export type CameraStream = Schemas["CameraStream"];
export type StreamName = CameraStream["name"];
export type StreamState = Schemas["CameraStreamState"];
export type CameraTest = Required<Schemas["CameraTestAnswer"]>;
export type CameraTestBody = Schemas["CameraTest"];
export type TestedStream = Schemas["TestedStream"];
export type DiscoveredDevice = Schemas["FoundDevice"];

// A zone that is asked for always has an id; one that is sent may leave it to the server.
export type Zone = Schemas["Zone"] & { id: string };
export type Schedule = Schemas["ScheduleSpan"];

export type Span = Schemas["Span"];
export type Gap = Schemas["TimelineGap"];
export type TimelineCamera = Schemas["CameraTimeline"];
export type DetectedEvent = Schemas["Event"];
export type EventPage = Schemas["EventList"];
export type Hold = Schemas["Hold"];
export type Export = Schemas["Export"];
export type Custody = Schemas["Custody"];

export type Webhook = Schemas["Webhook"];
export type WebhookTest = Schemas["WebhookTestAnswer"];

export type Alarm = Schemas["Alarm"];
export type Health = Schemas["Health"];
export type HealthGap = Schemas["HealthGap"];
export type CameraHealth = Schemas["CameraHealth"];
export type Disk = Schemas["Disk"];

export type FeedMessage =
  | Exclude<Schemas["FeedMessage"], Schemas["FeedCamera"]>
  | (Omit<Schemas["FeedCamera"], "state"> & { state: CameraState });
export type LiveInit = Schemas["LiveInit"];
export type LiveFragment = Schemas["LiveFragment"];
export type LiveState = Schemas["LiveState"];
export type ApiErrorBody = Schemas["ErrorBody"];
