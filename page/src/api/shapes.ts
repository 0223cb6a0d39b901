/** The shapes of docs/api.md. Times are integers of microseconds UTC, named `_us`. */

export interface Localised {
  ar: string;
  en: string;
}

export interface ApiErrorBody {
  code: string;
  message: Localised;
  params: Record<string, unknown>;
  request_id?: string;
}

export interface Session {
  user: { name: string; must_change_password: boolean };
  csrf_token: string;
}

export interface Site {
  id: string;
  name: string;
  time_zone: string;
  retention_days: number;
  version: string;
  now_us: number;
}

export type StreamName = "main" | "sub";

export interface StreamState {
  state: "connecting" | "recording" | "stalled" | "stopped" | "error";
  since_us: number;
  error?: { code: string; message: Localised; params: Record<string, unknown> } | null;
  frame_rate?: number | null;
  bit_rate?: number | null;
  codec?: string | null;
  width?: number | null;
  height?: number | null;
  last_fragment_us?: number | null;
  gap?: { start_us: number; cause: string } | null;
}

export interface CameraState {
  streams: Partial<Record<StreamName, StreamState>>;
}

export interface CameraStream {
  name: StreamName;
  url: string;
  transport: "tcp" | "udp";
}

export interface Camera {
  id: string;
  name: string;
  kind: "rtsp" | "onvif" | "file";
  enabled: boolean;
  position: number;
  priority: number;
  record_audio: boolean;
  analyse: boolean;
  retention_days: number | null;
  retention_bytes: number | null;
  streams: CameraStream[];
  username: string | null;
  has_password: boolean;
  onvif_address: string | null;
  state: CameraState;
}

export interface CameraTest {
  ok: boolean;
  error?: ApiErrorBody | null;
  device?: { manufacturer: string; model: string; firmware: string } | null;
  streams: {
    name: StreamName;
    url: string;
    transport: "tcp" | "udp";
    codec: string;
    codec_name: string;
    width: number;
    height: number;
    frame_rate: number | null;
    keyframe_interval_s: number | null;
    bit_rate: number | null;
    audio?: { codec: string; sample_rate: number; recorded: boolean } | null;
    snapshot_jpeg_base64?: string | null;
  }[];
  advice: { code: string; severity: "info" | "warning" | "error"; message: Localised }[];
}

export interface DiscoveredDevice {
  address: string;
  name: string;
  hardware: string;
  scopes: string[];
}

export interface Schedule {
  days: number[];
  start: string;
  end: string;
}

export interface Zone {
  id: string;
  name: string;
  kind: "alert" | "ignore";
  polygon: [number, number][];
  classes: string[];
  schedule: Schedule[];
  enabled: boolean;
}

export interface Span {
  start_us: number;
  end_us: number;
}

export interface Gap extends Span {
  cause: string;
  detail: string;
  ongoing: boolean;
}

export interface DetectedEvent {
  id: string;
  camera: string;
  stream: StreamName;
  class: string;
  score: number;
  start_us: number;
  end_us: number;
  ongoing: boolean;
  alert: boolean;
  zones: string[];
  seen?: { by: string; at_us: number } | null;
  path: { t_us: number; box: [number, number, number, number]; score: number }[];
  snapshot_us: number;
}

export interface EventPage {
  events: DetectedEvent[];
  next_cursor: string | null;
}

export interface TimelineCamera {
  camera: string;
  spans: Span[];
  gaps: Gap[];
  events: { id: string; class: string; start_us: number; end_us: number; alert: boolean }[];
  event_counts: { start_us: number; class: string; count: number }[];
  holds: { id: string; start_us: number; end_us: number }[];
}

export interface Hold extends Span {
  id: string;
  camera: string;
  reason: string;
  set_by: string;
  set_us: number;
  lifted_by: string | null;
  lifted_us: number | null;
}

export interface Export extends Span {
  id: string;
  cameras: string[];
  stream: StreamName;
  state: "waiting" | "running" | "done" | "failed" | "cancelled";
  done_bytes: number;
  total_bytes: number;
  files: { name: string; bytes: number; sha256: string; camera: string }[];
  error: ApiErrorBody | null;
}

export interface Webhook {
  id: string;
  url: string;
  enabled: boolean;
  attempts: number;
  next_attempt_us: number | null;
  last_error: string | null;
  deliveries: { at_us: number; kind: string; ok: boolean; status: number | null; error: string | null }[];
}

export interface WebhookTest {
  ok: boolean;
  status?: number | null;
  error?: ApiErrorBody | null;
}

export interface Alarm {
  id: string;
  code: string;
  severity: "info" | "warning" | "error";
  message: Localised;
  params: Record<string, unknown>;
  camera?: string | null;
  since_us: number;
  ended_us?: number | null;
}

export interface HealthGap {
  stream: StreamName;
  start_us: number;
  end_us: number | null;
  cause: string;
  detail: string;
}

export interface CameraHealth {
  camera: string;
  streams: Partial<Record<StreamName, StreamState>>;
  recorded_24h_ratio: number | null;
  gaps_24h: HealthGap[];
  bytes_24h: number;
}

export interface Disk {
  total_bytes: number;
  free_bytes: number;
  floor_bytes: number;
  footage_bytes: number;
  bytes_per_day: number;
  full_in_s: number | null;
  oldest_us: number | null;
}

export interface Process {
  name: "recorder" | "analysis" | "web";
  state: "running" | "starting" | "stopped" | "unknown";
  since_us: number | null;
  restarts: number;
}

export interface Health {
  processes: Process[];
  cameras: CameraHealth[];
  disk: Disk;
  analysis: { lag_s: Record<string, number | null> };
  alarms: Alarm[];
  clock: { synchronised: boolean | null; last_step: { at_us: number; step_us: number } | null };
}

export type FeedMessage =
  | { type: "event" | "alert"; event: DetectedEvent }
  | { type: "alarm"; alarm: Alarm }
  | { type: "camera"; camera: string; state: CameraState }
  | { type: "export"; export: Export }
  | { type: "time"; now_us: number };
