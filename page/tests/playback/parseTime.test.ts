import { describe, expect, it } from "vitest";
import { fromCivil } from "../../src/timeline/zoneTime";
import { parseTime, type TimeContext } from "../../src/playback/parseTime";

const ZONE = "Asia/Baghdad";

function local(text: string, zone = ZONE): number {
  const [year, month, day, hour, minute, second] = text.split(/\D/).map(Number);
  return fromCivil(
    { year: year!, month: month!, day: day!, hour: hour ?? 0, minute: minute ?? 0, second: second ?? 0, us: 0 },
    zone,
  );
}

// Saturday
const CONTEXT: TimeContext = {
  now_us: local("2026-11-21 14:20:00"),
  playhead_us: local("2026-11-21 12:00:00"),
  zone: ZONE,
};

function readingOf(text: string, context = CONTEXT): number | string {
  const parsed = parseTime(text, context);
  return parsed.ok ? parsed.us : parsed.reason;
}

describe("going to a time", () => {
  it.each([
    ["21:30", "2026-11-20 21:30"],
    ["12:30", "2026-11-21 12:30"],
    ["09:05:15", "2026-11-21 09:05:15"],
    ["9pm", "2026-11-20 21:00"],
    ["9 am", "2026-11-21 09:00"],
    ["12:15 am", "2026-11-21 00:15"],
    ["noon", "2026-11-21 12:00"],
    ["yesterday", "2026-11-20 00:00"],
    ["Yesterday 21:30", "2026-11-20 21:30"],
    ["21:30 yesterday", "2026-11-20 21:30"],
    ["yesterday at 9", "2026-11-20 09:00"],
    ["the day before yesterday, 08:00", "2026-11-19 08:00"],
    ["Thursday 9pm", "2026-11-19 21:00"],
    ["last friday 07:15", "2026-11-20 07:15"],
    ["2026-11-20", "2026-11-20 00:00"],
    ["2026-11-20 08:00", "2026-11-20 08:00"],
    ["2026-11-20T08:00:30", "2026-11-20 08:00:30"],
    ["20/11/2026 08:00", "2026-11-20 08:00"],
    ["20.11.2026", "2026-11-20 00:00"],
    ["20/11 23:59", "2026-11-20 23:59"],
    ["20 Nov 23:59", "2026-11-20 23:59"],
    ["Nov 20, 2025 10:00", "2025-11-20 10:00"],
    ["1 December", "2025-12-01 00:00"],
    ["-5m", "2026-11-21 11:55"],
    ["+1h30m", "2026-11-21 13:30"],
    ["-90 s", "2026-11-21 11:58:30"],
    ["5 minutes ago", "2026-11-21 14:15"],
    ["half an hour ago", "2026-11-21 13:50"],
    ["an hour ago", "2026-11-21 13:20"],
    ["2h 5m ago", "2026-11-21 12:15"],
  ])("understands English: %s", (text, expected) => {
    expect(readingOf(text)).toBe(local(expected));
  });

  it.each([
    ["أمس ٢١:٣٠", "2026-11-20 21:30"],
    ["امس 21:30", "2026-11-20 21:30"],
    ["البارحة ٩ مساءً", "2026-11-20 21:00"],
    ["أمسِ الساعة ٩ مساءً", "2026-11-20 21:00"],
    ["أوّل أمس ٠٨:٠٠", "2026-11-19 08:00"],
    ["أول أمس", "2026-11-19 00:00"],
    ["اليوم ٩:١٥ صباحاً", "2026-11-21 09:15"],
    ["٩ ص", "2026-11-21 09:00"],
    ["١٢ ظهرًا", "2026-11-21 12:00"],
    ["٢ ليلا", "2026-11-21 02:00"],
    ["١١ ليلًا", "2026-11-20 23:00"],
    ["منتصف الليل", "2026-11-21 00:00"],
    ["الخميس ٢١:٠٠", "2026-11-19 21:00"],
    ["يوم الجمعة الماضي ٠٧:١٥", "2026-11-20 07:15"],
    ["٢٠ تشرين الثاني ٢٠٢٦ ٠٨:٠٠", "2026-11-20 08:00"],
    ["٢٠ نوفمبر", "2026-11-20 00:00"],
    ["١ كانون الأول", "2025-12-01 00:00"],
    ["٢٠/١١/٢٠٢٦ ٠٨:٠٠", "2026-11-20 08:00"],
    ["٢٠٢٦-١١-٢٠", "2026-11-20 00:00"],
    ["قبل ٥ دقائق", "2026-11-21 14:15"],
    ["قبل ساعة", "2026-11-21 13:20"],
    ["قبل ساعتين", "2026-11-21 12:20"],
    ["قبل نصف ساعة", "2026-11-21 13:50"],
    ["منذ يومين", "2026-11-19 14:20"],
    ["-٥د", "2026-11-21 11:55"],
    ["۲۱:۳۰", "2026-11-20 21:30"],
  ])("understands Arabic: %s", (text, expected) => {
    expect(readingOf(text)).toBe(local(expected));
  });

  it.each(["now", "live", "الآن", "مباشر"])("%s means the live edge", (text) => {
    expect(parseTime(text, CONTEXT)).toEqual({ ok: true, us: CONTEXT.now_us, live: true });
  });

  it("keeps fractions of a second", () => {
    expect(readingOf("12:00:00.5")).toBe(local("2026-11-21 12:00:00") + 500_000);
  });

  it("reads UTC when told so", () => {
    expect(readingOf("2026-11-20T08:00:00Z")).toBe(local("2026-11-20 08:00", "UTC"));
    expect(readingOf("08:00 UTC")).toBe(local("2026-11-21 08:00", "UTC"));
  });

  it("means the playhead's day, not today, when no day is said", () => {
    expect(readingOf("21:30", { ...CONTEXT, playhead_us: local("2026-10-02 03:00") })).toBe(local("2026-10-02 21:30"));
  });

  it.each(["", "   "])("says that nothing was typed: %j", (text) => {
    expect(readingOf(text)).toBe("empty");
  });

  it.each([
    "tomorow",
    "25:00",
    "12:75",
    "غداً يوما ما",
    "2026-13-40",
    "31/02/2026",
    "yesterday today",
    "9",
    "-",
    "--5m",
    "21:30 22:30",
  ])("does not guess at %j", (text) => {
    expect(readingOf(text)).toBe("not_understood");
  });

  it.each(["+5h", "today 23:00", "2027-01-01", "اليوم ٢٣:٠٠"])("refuses the future: %s", (text) => {
    expect(readingOf(text)).toBe("in_future");
  });

  it("follows the site's clock through daylight saving", () => {
    const zone = "Europe/Berlin";
    const context = { zone, now_us: local("2026-03-30 12:00", zone), playhead_us: local("2026-03-30 12:00", zone) };
    expect(readingOf("yesterday 12:00", context)).toBe(local("2026-03-29 12:00", zone));
    expect(context.now_us - (readingOf("yesterday", context) as number)).toBe(35 * 3_600_000_000);
  });
});
