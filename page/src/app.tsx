import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { I18nProvider } from "react-aria-components";
import { createBrowserRouter, Outlet, RouterProvider } from "react-router";

import { FeedProvider } from "./api/feed";
import { keys, useSession, useSite } from "./api/queries";
import { ApiError, whenSessionIsLost } from "./api/request";
import { CameraScreen } from "./cameras/cameraScreen";
import { CamerasScreen } from "./cameras/camerasScreen";
import { Broken, Loading } from "./controls/states";
import { EventsScreen } from "./events/eventsScreen";
import { ExportsScreen } from "./exports/exportsScreen";
import { localeOf } from "./format/format";
import { DEFAULT_TIME_ZONE, SiteTimeZone } from "./format/siteTimeZone";
import { AnnouncerProvider } from "./frame/announcer";
import { Frame } from "./frame/frame";
import { NotFound, ScreenFault } from "./frame/notFound";
import { HealthScreen } from "./health/healthScreen";
import { KeysProvider } from "./keys/keys";
import { LoginScreen } from "./login/loginScreen";
import { FirstPassword } from "./login/passwordForm";
import { PlaybackScreen } from "./playback/playbackScreen";
import { usePreferences } from "./preferences/preferences";
import { SettingsScreen } from "./settings/settingsScreen";
import { WallScreen } from "./wall/wallScreen";
import { ZonesScreen } from "./zones/zonesScreen";

const cache = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      refetchOnWindowFocus: false,
      // What the server refuses it will refuse again; only silence is worth a second try.
      retry: (failures, error) =>
        failures < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 500),
    },
  },
});

function Site() {
  const site = useSite();
  return (
    <SiteTimeZone.Provider value={site.data?.time_zone ?? DEFAULT_TIME_ZONE}>
      <FeedProvider>
        <KeysProvider>
          <Outlet />
        </KeysProvider>
      </FeedProvider>
    </SiteTimeZone.Provider>
  );
}

/** Nothing behind this but the log-in is shown without a session. */
function Door() {
  const session = useSession();
  const [ended, setEnded] = useState(false);
  useEffect(() => {
    whenSessionIsLost(() => {
      setEnded(true);
      cache.setQueryData(keys.session, null);
    });
  }, []);
  if (session.isPending) return <Loading />;
  if (session.isError && session.data === undefined)
    return <Broken error={session.error} onRetry={() => void session.refetch()} />;
  if (!session.data) return <LoginScreen ended={ended} />;
  if (session.data.user.must_change_password) return <FirstPassword />;
  return <Site />;
}

const router = createBrowserRouter([
  {
    // For anybody who was handed a bundle: no session, nothing of the recorder's.
    path: "verify",
    lazy: async () => ({ Component: (await import("./verify/verifyPage")).VerifyPage }),
    HydrateFallback: Loading,
  },
  {
    element: <Door />,
    children: [
      {
        element: <Frame />,
        children: [
          {
            errorElement: <ScreenFault />,
            children: [
              { index: true, element: <WallScreen /> },
              { path: "playback", element: <PlaybackScreen /> },
              { path: "events/:event?", element: <EventsScreen /> },
              { path: "exports", element: <ExportsScreen /> },
              { path: "cameras", element: <CamerasScreen /> },
              { path: "cameras/:camera", element: <CameraScreen /> },
              { path: "cameras/:camera/zones", element: <ZonesScreen /> },
              { path: "health", element: <HealthScreen /> },
              { path: "settings", element: <SettingsScreen /> },
              { path: "*", element: <NotFound /> },
            ],
          },
        ],
      },
    ],
  },
]);

export function App() {
  const chosen = usePreferences();
  return (
    <I18nProvider locale={localeOf(chosen)}>
      <QueryClientProvider client={cache}>
        <AnnouncerProvider>
          <RouterProvider router={router} />
        </AnnouncerProvider>
      </QueryClientProvider>
    </I18nProvider>
  );
}
