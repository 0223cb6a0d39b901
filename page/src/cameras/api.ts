import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { keys } from "../api/queries";
import { request } from "../api/request";
import type { Camera, CameraTest, DiscoveredDevice, Zone } from "../api/shapes";
import type { CameraDraft } from "./draft";
import { addBody, editBody, testBodies } from "./draft";

const at = (camera: string) => `/api/cameras/${encodeURIComponent(camera)}`;

/** One test per address of the draft, joined into one answer. */
export function useCameraTest() {
  return useMutation({
    mutationFn: async (draft: CameraDraft): Promise<CameraTest> => {
      const answers: CameraTest[] = [];
      for (const { stream, body } of testBodies(draft)) {
        const answer = await request<CameraTest>("POST", "/api/cameras/test", body);
        answers.push(stream ? { ...answer, streams: answer.streams.map((one) => ({ ...one, name: stream })) } : answer);
      }
      return {
        ok: answers.every((answer) => answer.ok),
        error: answers.find((answer) => answer.error)?.error ?? null,
        device: answers.find((answer) => answer.device)?.device ?? null,
        streams: answers.flatMap((answer) => answer.streams),
        advice: answers.flatMap((answer) => answer.advice),
      };
    },
  });
}

export function useDiscovery() {
  return useMutation({
    mutationFn: async () =>
      (await request<{ devices: DiscoveredDevice[] }>("POST", "/api/cameras/discover", {})).devices,
  });
}

/** Adds the camera, or changes it when `camera` is given. */
export function useSaveCamera(camera: Camera | null) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (draft: CameraDraft) =>
      camera
        ? request<Camera>("PATCH", at(camera.id), editBody(draft))
        : request<Camera>("POST", "/api/cameras", addBody(draft)),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.cameras }),
  });
}

export function useRemoveCamera() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (camera: string) => request<unknown>("DELETE", at(camera)),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.cameras, exact: true }),
  });
}

export function useZones(camera: string) {
  return useQuery({
    queryKey: keys.zones(camera),
    staleTime: Infinity,
    queryFn: async ({ signal }) =>
      (await request<{ zones: Zone[] }>("GET", `${at(camera)}/zones`, undefined, signal)).zones,
  });
}

export function useSaveZones(camera: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (zones: Zone[]) =>
      (await request<{ zones: Zone[] }>("PUT", `${at(camera)}/zones`, { zones })).zones,
    onSuccess: (zones) => cache.setQueryData(keys.zones(camera), zones),
  });
}
