import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { answer, api } from "../api/client";
import { keys } from "../api/queries";
import type { Camera, CameraTest, Zone } from "../api/shapes";
import type { CameraDraft } from "./draft";
import { addBody, editBody, testBodies } from "./draft";

const at = (camera: string) => ({ params: { path: { camera } } });

/** One test per address of the draft, joined into one answer. */
export function useCameraTest() {
  return useMutation({
    mutationFn: async (draft: CameraDraft): Promise<CameraTest> => {
      const answers: CameraTest[] = [];
      for (const { stream, body } of testBodies(draft)) {
        const found = (await answer(api.POST("/api/cameras/test", { body }))) as CameraTest;
        answers.push(stream ? { ...found, streams: found.streams.map((one) => ({ ...one, name: stream })) } : found);
      }
      return {
        ok: answers.every((one) => one.ok),
        error: answers.find((one) => one.error)?.error ?? null,
        device: answers.find((one) => one.device)?.device ?? null,
        streams: answers.flatMap((one) => one.streams),
        advice: answers.flatMap((one) => one.advice),
      };
    },
  });
}

export function useDiscovery() {
  return useMutation({
    mutationFn: async () => (await answer(api.POST("/api/cameras/discover"))).devices,
  });
}

/** Adds the camera, or changes it when `camera` is given. */
export function useSaveCamera(camera: Camera | null) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (draft: CameraDraft) =>
      camera
        ? answer(api.PATCH("/api/cameras/{camera}", { ...at(camera.id), body: editBody(draft) }))
        : answer(api.POST("/api/cameras", { body: addBody(draft) })),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.cameras }),
  });
}

export function useRemoveCamera() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (camera: string) => answer(api.DELETE("/api/cameras/{camera}", at(camera))),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.cameras, exact: true }),
  });
}

export function useZones(camera: string) {
  return useQuery({
    queryKey: keys.zones(camera),
    staleTime: Infinity,
    queryFn: async ({ signal }) =>
      (await answer(api.GET("/api/cameras/{camera}/zones", { ...at(camera), signal }))).zones as Zone[],
  });
}

export function useSaveZones(camera: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (zones: Zone[]) =>
      (await answer(api.PUT("/api/cameras/{camera}/zones", { ...at(camera), body: { zones } }))).zones as Zone[],
    onSuccess: (zones) => cache.setQueryData(keys.zones(camera), zones),
  });
}
