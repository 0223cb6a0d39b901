import { useFormat } from "../format/format";
import { Moment } from "../format/values";
import styles from "./exports.module.css";

/** From when to when, and how long that is. */
export function SpanText({ start_us, end_us }: { start_us: number; end_us: number }) {
  const format = useFormat();
  const sameDay = format.date(start_us) === format.date(end_us);
  return (
    <span className={styles.span}>
      <Moment time_us={start_us} show="dateTime" />
      <span aria-hidden>–</span>
      <Moment time_us={end_us} show={sameDay ? "time" : "dateTime"} />
      <span className="muted">{format.duration((end_us - start_us) / 1e6)}</span>
    </span>
  );
}
