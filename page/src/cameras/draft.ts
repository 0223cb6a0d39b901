import type {
  Camera,
  CameraAdd,
  CameraEdit,
  CameraStream,
  CameraTest,
  CameraTestBody,
  StreamName,
} from "../api/shapes";

/** What is typed while a camera is added or edited. */
export interface CameraDraft {
  name: string;
  kind: Camera["kind"];
  mainUrl: string;
  subUrl: string;
  transport: "tcp" | "udp";
  address: string;
  username: string;
  /** Empty while editing: the saved one stays. */
  password: string;
  enabled: boolean;
  recordAudio: boolean;
  analyse: boolean;
  priority: number;
  retentionDays: number | null;
}

const EMPTY: CameraDraft = {
  name: "",
  kind: "rtsp",
  mainUrl: "",
  subUrl: "",
  transport: "tcp",
  address: "",
  username: "",
  password: "",
  enabled: true,
  recordAudio: true,
  analyse: true,
  priority: 0,
  retentionDays: null,
};

export function draftOf(camera: Camera | null): CameraDraft {
  if (!camera) return EMPTY;
  const url = (name: StreamName) => camera.streams.find((stream) => stream.name === name)?.url ?? "";
  return {
    name: camera.name,
    kind: camera.kind,
    mainUrl: url("main"),
    subUrl: url("sub"),
    transport: camera.streams[0]?.transport ?? "tcp",
    address: camera.onvif_address ?? "",
    username: camera.username ?? "",
    password: "",
    enabled: camera.enabled,
    recordAudio: camera.record_audio,
    analyse: camera.analyse,
    priority: camera.priority,
    retentionDays: camera.retention_days,
  };
}

function streamsOf(draft: CameraDraft): CameraStream[] {
  const urls: [StreamName, string][] = [
    ["main", draft.mainUrl.trim()],
    ["sub", draft.subUrl.trim()],
  ];
  return urls.filter(([, url]) => url).map(([name, url]) => ({ name, url, transport: draft.transport }));
}

const orNull = (text: string) => text.trim() || null;

/** An ONVIF device tells its own streams; other cameras are tested address by address. */
export function testBodies(draft: CameraDraft): { stream: StreamName | null; body: CameraTestBody }[] {
  const shared = {
    kind: draft.kind,
    username: orNull(draft.username),
    password: draft.password || null,
    transport: draft.transport,
  };
  if (draft.kind === "onvif") return [{ stream: null, body: { ...shared, address: draft.address.trim() } }];
  return streamsOf(draft).map((stream) => ({ stream: stream.name, body: { ...shared, url: stream.url } }));
}

/** The streams that a test found become the camera's. */
export function withTested(draft: CameraDraft, test: CameraTest): CameraDraft {
  const found = (name: StreamName) => test.streams.find((stream) => stream.name === name);
  const name = draft.name || [test.device?.manufacturer, test.device?.model].filter(Boolean).join(" ");
  return {
    ...draft,
    name,
    mainUrl: found("main")?.url ?? draft.mainUrl,
    subUrl: found("sub")?.url ?? draft.subUrl,
    transport: test.streams[0]?.transport ?? draft.transport,
  };
}

function sharedBody(draft: CameraDraft) {
  return {
    name: draft.name.trim(),
    kind: draft.kind,
    streams: streamsOf(draft),
    enabled: draft.enabled,
    priority: draft.priority,
    record_audio: draft.recordAudio,
    analyse: draft.analyse,
    retention_days: draft.retentionDays,
    onvif_address: draft.kind === "onvif" ? orNull(draft.address) : null,
    username: orNull(draft.username),
  };
}

export function addBody(draft: CameraDraft): CameraAdd {
  return { ...sharedBody(draft), password: draft.password || null };
}

/** Only what is present changes, which OpenAPI cannot say: it takes fields with a default for required ones. */
export function editBody(draft: CameraDraft): CameraEdit {
  return (draft.password ? addBody(draft) : sharedBody(draft)) as CameraEdit;
}

export function canTest(draft: CameraDraft): boolean {
  return draft.kind === "onvif" ? draft.address.trim() !== "" : draft.mainUrl.trim() !== "";
}

export function canSave(draft: CameraDraft): boolean {
  return draft.name.trim() !== "" && draft.mainUrl.trim() !== "";
}
