"""Every sentence an error, an advice or an alarm can say, in Arabic and in English.

A test checks that each row has both languages and that both use the same parameters.
"""

from __future__ import annotations

MESSAGES: dict[str, dict[str, str]] = {
    "database_on_network_filesystem": {
        "en": "{path} is on a network file system ({fstype}); the index must be on a local disk.",
        "ar": "المسار {path} على نظام ملفات شبكي ({fstype})؛ يجب أن يكون الفهرس على قرص محلي.",
    },
    "database_damaged": {
        "en": "The database {path} is damaged: {reason}. Move it aside and run “basira check”.",
        "ar": "قاعدة البيانات {path} تالفة: {reason}. انقلها جانبًا ثم شغّل «basira check».",
    },
    "fragment_damaged": {
        "en": "Fragment {fragment} at byte {offset} of {path} is damaged: {reason}.",
        "ar": "الشظية {fragment} عند البايت {offset} من {path} تالفة: {reason}.",
    },
    "stream_format_unusable": {
        "en": "The stream’s video ({codec}) cannot be recorded: {reason}. Set the camera to H.264 or H.265.",
        "ar": "تعذّر تسجيل فيديو هذا البث ({codec}): {reason}. اضبط الكاميرا على H.264 أو H.265.",
    },
    "segment_header_damaged": {
        "en": "{path} is not a Basira segment: {reason}.",
        "ar": "الملف {path} ليس مقطعًا من بصيرة: {reason}.",
    },
    "nothing_recorded": {"en": "Nothing was recorded then.", "ar": "لا يوجد تسجيل في ذلك الوقت."},
    "footage_deleted": {
        "en": "This footage has been deleted by retention.",
        "ar": "حُذف هذا التسجيل بعد انقضاء مدة الاحتفاظ به.",
    },
    "export_span_invalid": {
        "en": "Choose at least one camera and an end that is after the start.",
        "ar": "اختر كاميرا واحدة على الأقل ونهايةً بعد البداية.",
    },
    "export_no_space": {
        "en": "Not enough room for the export: it needs {needed_bytes} bytes and {free_bytes} are free.",
        "ar": "لا توجد مساحة كافية للتصدير: يحتاج إلى {needed_bytes} بايت والمتاح {free_bytes} بايت.",
    },
    "export_failed": {
        "en": "The export could not be written: {reason}.",
        "ar": "تعذّرت كتابة ملف التصدير: {reason}.",
    },
    "picture_undecodable": {
        "en": "The picture could not be decoded ({codec}): {reason}.",
        "ar": "تعذّر فك ترميز الصورة ({codec}): {reason}.",
    },
    "pictures_busy": {
        "en": "Too many pictures are being asked for at once; try again in a moment.",
        "ar": "طلبات الصور كثيرة الآن؛ حاول بعد لحظات.",
    },
    "not_found": {"en": "There is no such thing here.", "ar": "لا يوجد هذا العنصر."},
    "camera_not_found": {"en": "There is no camera “{camera}”.", "ar": "لا توجد كاميرا باسم «{camera}»."},
    "camera_exists": {
        "en": "There is already a camera “{camera}”.",
        "ar": "توجد كاميرا بالمعرّف «{camera}» من قبل.",
    },
    "zone_of_another_camera": {
        "en": "The zone “{zone}” belongs to another camera.",
        "ar": "المنطقة «{zone}» تخص كاميرا أخرى.",
    },
    "bad_cursor": {
        "en": "This page cursor is not one the server gave.",
        "ar": "مؤشر الصفحة هذا لم يصدر عن الخادم.",
    },
    "detector_missing": {
        "en": "The object detector {path} is not there; “make” builds it.",
        "ar": "ملف كاشف الأجسام {path} غير موجود؛ الأمر «make» يبنيه.",
    },
    "detector_unsuitable": {
        "en": "The object detector {path} cannot be used: {reason}.",
        "ar": "لا يمكن استخدام كاشف الأجسام {path}: {reason}.",
    },
}
