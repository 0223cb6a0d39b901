import { useFormat } from "./format";

/** A moment, isolated from the text around it, with the exact UTC instant for machines. */
export function Moment({
  time_us,
  show = "time",
}: {
  time_us: number;
  show?: "time" | "minutes" | "date" | "dateTime";
}) {
  const format = useFormat();
  const text = {
    time: () => format.time(time_us),
    minutes: () => format.time(time_us, "minutes"),
    date: () => format.date(time_us),
    dateTime: () => format.dateTime(time_us),
  }[show]();
  return (
    <time dateTime={new Date(time_us / 1000).toISOString()}>
      <bdi dir={show === "time" || show === "minutes" ? "ltr" : undefined}>{text}</bdi>
    </time>
  );
}

/** A Latin identifier, address or code: readable inside Arabic text. */
export function Code({ children }: { children: string }) {
  return (
    <bdi dir="ltr" className="code">
      {children}
    </bdi>
  );
}
