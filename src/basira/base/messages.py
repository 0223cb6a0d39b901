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
    "database_newer": {
        "en": "A newer Basira wrote the database {path} (schema {revision}; this one knows {newest}). Start that one.",
        "ar": "قاعدة البيانات {path} كتبها إصدار أحدث (المخطط {revision}، وهنا {newest}). شغّل ذلك الإصدار.",
    },
    "fragment_damaged": {
        "en": "Fragment {fragment} at byte {offset} of {path} is damaged: {reason}.",
        "ar": "الشظية {fragment} عند البايت {offset} من {path} تالفة: {reason}.",
    },
    "stream_format_unusable": {
        "en": "The stream’s video ({codec}) cannot be recorded: {reason}. Set the camera to H.264 or H.265.",
        "ar": "تعذّر تسجيل فيديو هذا البث ({codec}): {reason}. اضبط الكاميرا على H.264 أو H.265.",
    },
    "storage_missing": {
        "en": "The storage {storage} is not at {path}. Mount its disk there; nothing is recorded until then.",
        "ar": "وحدة التخزين {storage} غير موجودة في {path}. صِل قرصها هناك؛ لن يُسجَّل شيء قبل ذلك.",
    },
    "storage_crossed": {
        "en": "{path} holds the storage {storage}, but {expected} was expected. Mount the right disk.",
        "ar": "المسار {path} يحوي وحدة التخزين {storage} والمتوقع {expected}. صِل القرص الصحيح.",
    },
    "storage_of_other_site": {
        "en": "The storage at {path} belongs to the site {site}; it is not touched.",
        "ar": "وحدة التخزين في {path} تابعة للموقع {site}؛ لن تُمسّ.",
    },
    "storage_stale": {
        "en": "The storage {storage} at {path} is an older copy of itself. Put back the newest disk, "
        "or move index.db aside to rebuild the index from this one.",
        "ar": "وحدة التخزين {storage} في {path} نسخة أقدم من نفسها. أعد القرص الأحدث، "
        "أو انقل index.db جانبًا ليُبنى الفهرس من جديد من هذه النسخة.",
    },
    "storage_used_elsewhere": {
        "en": "Another recorder has used the storage {storage} at {path} meanwhile. "
        "Restart Basira to take it up again with what it holds now.",
        "ar": "استخدم مسجّل آخر وحدة التخزين {storage} في {path} في هذه الأثناء. "
        "أعد تشغيل بصيرة لاستلامها بما فيها الآن.",
    },
    "storage_not_empty": {
        "en": "{path} holds folders but no storage identity; choose an empty folder.",
        "ar": "المسار {path} يحوي مجلدات ولا يحوي هوية تخزين؛ اختر مجلدًا فارغًا.",
    },
    "storage_identity_damaged": {
        "en": "The identity file {path} is damaged; restore it from a copy.",
        "ar": "ملف الهوية {path} تالف؛ استعده من نسخة.",
    },
    "storage_not_writable": {
        "en": "The disk refuses to store footage: {reason}.",
        "ar": "القرص يرفض تخزين التسجيل: {reason}.",
    },
    "storage_probe_failed": {
        "en": "The disk failed its check of writing and reading back: {reason}.",
        "ar": "لم ينجح فحص الكتابة والقراءة على القرص: {reason}.",
    },
    "storage_full": {
        "en": "The disk is almost full ({free_bytes} bytes free) and nothing more may be deleted; "
        "the least important cameras stop first.",
        "ar": "القرص شبه ممتلئ (المتاح {free_bytes} بايت) ولا يجوز حذف المزيد؛ تتوقف الكاميرات الأقل أهمية أولًا.",
    },
    "recording_stops_soon": {
        "en": "In about {hours} hours there will be no room to record: held footage or other files fill the disk, or "
        "retention cannot delete. {first} stops first. Lift holds, free space or add a disk.",
        "ar": "بعد نحو {hours} ساعة لن تبقى مساحة للتسجيل: يملأ القرصَ تسجيل محفوظ أو ملفات أخرى، أو تعذّر حذف القديم. "
        "أول ما يتوقف {first}. ارفع بعض أوامر الحفظ أو أفرغ مساحة أو أضف قرصًا.",
    },
    "camera_stopped_for_space": {
        "en": "Recording of this camera is stopped because the disk is full.",
        "ar": "أُوقف تسجيل هذه الكاميرا لأن القرص ممتلئ.",
    },
    "index_not_writable": {
        "en": "The index cannot be written ({reason}); recording goes on and {waiting} changes wait.",
        "ar": "تعذّرت الكتابة في الفهرس ({reason})؛ التسجيل مستمر و{waiting} من التغييرات بالانتظار.",
    },
    "catalogue_unreadable": {
        "en": "The catalogue cannot be read ({reason}); cameras are recorded as they were last set.",
        "ar": "تعذّرت قراءة السجل ({reason})؛ تُسجَّل الكاميرات حسب آخر إعداد معروف.",
    },
    "recording_gap": {
        "en": "Nothing is being recorded from this camera ({stream}); cause: {cause}.",
        "ar": "لا يُسجَّل شيء من هذه الكاميرا ({stream})؛ السبب: {cause}.",
    },
    "frames_late": {
        "en": "What this camera ({stream}) sends arrives {lag_s} s late: its line, or this machine, is too slow. All "
        "of it is recorded, but live pictures are as old. Lower its bit rate, or mend the line.",
        "ar": "يصل ما ترسله هذه الكاميرا ({stream}) متأخرًا {lag_s} ثانية: خطّها أو هذا الجهاز بطيء. يُسجَّل كل ما يصل، لكن "
        "الصورة المباشرة قديمة بالقدر نفسه. خفّض معدل البت أو أصلح الخط.",
    },
    "frame_rate_collapsed": {
        "en": "This camera ({stream}) sends only {now} frames a second; {usual} are usual. Check its network, its "
        "light and its settings.",
        "ar": "ترسل هذه الكاميرا ({stream}) {now} إطار في الثانية فقط؛ والمعتاد {usual}. افحص شبكتها وإضاءتها "
        "وإعداداتها.",
    },
    "keyframes_off": {
        "en": "Keyframes of this camera ({stream}) come every {now} s; every {usual} s is usual. Check its keyframe "
        "(I-frame) interval and switch off “smart” coding.",
        "ar": "تأتي الإطارات المفتاحية لهذه الكاميرا ({stream}) كل {now} ث؛ والمعتاد كل {usual} ث. افحص فاصل الإطارات "
        "المفتاحية (I-frame) وأوقف الترميز «الذكي».",
    },
    "disk_slow": {
        "en": "The disk is slower than the cameras: footage has waited {lag_s} s to be kept. Check the disk, lower the "
        "bit rates, or record fewer cameras on it.",
        "ar": "القرص أبطأ من الكاميرات: انتظرت التسجيلات {lag_s} ث حتى حُفظت. افحص القرص أو اخفض معدلات البت أو سجّل "
        "كاميرات أقل عليه.",
    },
    "clock_not_synchronised": {
        "en": "The machine’s clock is not synchronised; times may be wrong.",
        "ar": "ساعة الجهاز غير مُزامَنة؛ قد تكون الأوقات خاطئة.",
    },
    "clock_stepped": {
        "en": "The machine’s clock jumped by {step_s} seconds; a new recording was begun.",
        "ar": "قفزت ساعة الجهاز {step_s} ثانية؛ بدأ تسجيل جديد.",
    },
    "recorder_already_running": {
        "en": "A recorder is already running on this data folder.",
        "ar": "يوجد مسجّل يعمل على مجلد البيانات هذا من قبل.",
    },
    "recorder_fault": {
        "en": "The recorder failed on this stream ({reason}) and tries again.",
        "ar": "تعثّر المسجّل في هذا البث ({reason}) وسيعيد المحاولة.",
    },
    "segment_file_missing": {
        "en": "{path} is in the index, but there is no such file. Was it deleted by hand, or is a disk missing?",
        "ar": "الملف {path} مذكور في الفهرس ولا وجود له. هل حُذف يدويًا أم أن قرصًا مفقود؟",
    },
    "segment_file_short": {
        "en": "{path} has {found} bytes; the index vouches for {expected}.",
        "ar": "حجم {path} هو {found} بايت والفهرس يضمن {expected}.",
    },
    "segment_hash_differs": {
        "en": "{path} is not what was recorded: its hash differs from the index. Keep it as it is and investigate.",
        "ar": "الملف {path} ليس كما سُجّل: بصمته تخالف الفهرس. أبقه كما هو وابحث في السبب.",
    },
    "segment_row_differs": {
        "en": "{path} says other things than its row in the index: {reason}.",
        "ar": "الملف {path} يخالف سطره في الفهرس: {reason}.",
    },
    "segment_without_row": {
        "en": "{path} has no row in the index; the recorder adopts it when it starts.",
        "ar": "لا سطر للملف {path} في الفهرس؛ سيضمّه المسجّل عند بدئه.",
    },
    "segment_empty": {
        "en": "{path} ends before its first fragment: power or the disk failed as it began. It holds no recording.",
        "ar": "ينتهي الملف {path} قبل أول جزء فيه: انقطعت الكهرباء أو تعطّل القرص عند بدايته. لا تسجيل فيه.",
    },
    "segment_file_returned": {
        "en": "{path} was deleted by retention, but the file is there again.",
        "ar": "حُذف {path} بانقضاء مدة الاحتفاظ، لكن الملف موجود من جديد.",
    },
    "deletion_unfinished": {
        "en": "Deletion of {path} was begun and not finished; the recorder finishes it unless it is held.",
        "ar": "بدأ حذف {path} ولم يكتمل؛ سيكمله المسجّل ما لم يكن محفوظًا.",
    },
    "segment_open_for_long": {
        "en": "{path} is marked as being written, but nothing writes it; the recorder closes it when it starts.",
        "ar": "الملف {path} معلَّم كأنه قيد الكتابة ولا أحد يكتبه؛ سيغلقه المسجّل عند بدئه.",
    },
    "segment_duplicate_place": {
        "en": "{path} calls itself {key}; a file must lie where its name says.",
        "ar": "الملف {path} يسمّي نفسه {key}؛ يجب أن يكون كل ملف في موضعه.",
    },
    "foreign_file": {
        "en": "{path} is not Basira’s; it is left alone.",
        "ar": "الملف {path} ليس من ملفات بصيرة؛ لن يُمسّ.",
    },
    "gap_invalid": {
        "en": "A gap of camera {camera} ends before it starts.",
        "ar": "فجوة في تسجيل الكاميرا {camera} تنتهي قبل أن تبدأ.",
    },
    "segment_unreadable": {
        "en": "{path} cannot be read: {reason}.",
        "ar": "تعذّرت قراءة {path}: {reason}.",
    },
    "segment_header_damaged": {
        "en": "{path} is not a Basira segment: {reason}.",
        "ar": "الملف {path} ليس مقطعًا من بصيرة: {reason}.",
    },
    "nothing_recorded": {"en": "Nothing was recorded then.", "ar": "لا يوجد تسجيل في ذلك الوقت."},
    "footage_unreadable": {
        "en": "The disk does not give this footage back ({path}: {reason}). Nothing was deleted; look after the disk.",
        "ar": "لا يُرجع القرص هذا التسجيل ({path}: {reason}). لم يُحذف شيء؛ افحص القرص.",
    },
    "footage_deleted": {
        "en": "This footage has been deleted by retention.",
        "ar": "حُذف هذا التسجيل بعد انقضاء مدة الاحتفاظ به.",
    },
    "export_no_space": {
        "en": "Not enough room for the export: it needs {needed_bytes} bytes and {free_bytes} are free.",
        "ar": "لا توجد مساحة كافية للتصدير: يحتاج إلى {needed_bytes} بايت والمتاح {free_bytes} بايت.",
    },
    "export_incomplete": {
        "en": "Recorded segments left out because they are damaged or were deleted: {segments}.",
        "ar": "عدد المقاطع المسجلة التي لم تُصدَّر لأنها تالفة أو حُذفت: {segments}.",
    },
    "export_failed": {
        "en": "The export could not be written: {reason}.",
        "ar": "تعذّرت كتابة ملف التصدير: {reason}.",
    },
    "transcode_busy": {
        "en": "As many views are being converted as this machine can; close one or try again in a moment.",
        "ar": "بلغ عدد المشاهد التي تُحوَّل الآن حدّ هذا الجهاز؛ أغلق أحدها أو حاول بعد لحظات.",
    },
    "transcode_unavailable": {
        "en": "Video cannot be converted on this machine: {reason}.",
        "ar": "لا يمكن تحويل الفيديو على هذا الجهاز: {reason}.",
    },
    "picture_undecodable": {
        "en": "The picture could not be decoded ({codec}): {reason}.",
        "ar": "تعذّر فك ترميز الصورة ({codec}): {reason}.",
    },
    "pictures_busy": {
        "en": "Too many pictures are being asked for at once; try again in a moment.",
        "ar": "طلبات الصور كثيرة الآن؛ حاول بعد لحظات.",
    },
    "witness_exists": {
        "en": "There is already a witness in {folder}; its keys are never made anew.",
        "ar": "يوجد شاهد في {folder} من قبل، ولا تُصنع مفاتيحه من جديد.",
    },
    "witness_missing": {
        "en": "There is no witness in {folder}; make one with “basira witness init”.",
        "ar": "لا يوجد شاهد في {folder}؛ أنشئ واحدًا بالأمر «basira witness init».",
    },
    "witness_bad_name": {
        "en": "“{name}” cannot name a witness: use something like witness.example.org, without spaces or “+”.",
        "ar": "لا يصلح «{name}» اسمًا لشاهد: استعمل اسمًا مثل witness.example.org بلا فراغات ولا علامة «+».",
    },
    "witness_bad_log": {
        "en": "This is not a log's verifier key: {reason}.",
        "ar": "هذا ليس مفتاح تحقق لسجلّ: {reason}.",
    },
    "custody_policy_bad": {
        "en": "The policy {path} cannot be used: {reason}.",
        "ar": "لا يمكن استعمال ملف السياسة {path}: {reason}.",
    },
    "custody_not_started": {
        "en": "This node has no log yet; it begins with “basira run”.",
        "ar": "لا سجلّ لهذه العقدة بعد؛ يبدأ مع «basira run».",
    },
    "log_unreadable": {
        "en": "The log at {source} cannot be read: {reason}.",
        "ar": "تعذّرت قراءة السجلّ في {source}: {reason}.",
    },
    "monitor_memory_damaged": {
        "en": "The monitor's memory {path} is damaged: {reason}.",
        "ar": "ذاكرة المراقب {path} تالفة: {reason}.",
    },
    "custody_not_refusing": {
        "en": "The log signs as it should; there is no reason to begin a new one.",
        "ar": "السجلّ يوقّع كما ينبغي، ولا داعي لبدء سجلّ جديد.",
    },
    "tsa_unreachable": {
        "en": "The time-stamping authority gave no time stamp: {reason}.",
        "ar": "لم تُصدر هيئة ختم الوقت ختمًا: {reason}.",
    },
    "custody_running": {
        "en": "Another process is writing this node's log.",
        "ar": "تكتب عملية أخرى في سجلّ هذه العقدة الآن.",
    },
    "custody_refuses": {
        "en": "The log refuses to sign ({reason}): its end was lost or changed. See “basira custody status”.",
        "ar": "يمتنع السجلّ عن التوقيع ({reason}) لأن نهايته فُقدت أو تغيّرت. انظر «basira custody status».",
    },
    "evidence_still_recording": {
        "en": "The end of this span is still being recorded by {camera}; ask again in a minute, or for an earlier end.",
        "ar": "ما زالت الكاميرا {camera} تسجّل نهاية هذه المدة؛ أعد الطلب بعد دقيقة أو اختر نهاية أبكر.",
    },
    "evidence_waits_for_quorum": {
        "en": "Witnesses enough have not cosigned the log; evidence is handed out when they have.",
        "ar": "لم يوقّع على السجلّ عدد كافٍ من الشهود بعد؛ تُسلَّم الأدلة بعد توقيعهم.",
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
    "camera_address_invalid": {
        "en": "“{address}” is not an address of a stream; it should look like rtsp://192.168.1.20:554/stream1.",
        "ar": "«{address}» ليس عنوان بث؛ ينبغي أن يكون على هيئة rtsp://192.168.1.20:554/stream1.",
    },
    "camera_unreachable": {
        "en": "Nothing answers at {host}:{port} ({reason}). Check power, cable, address and port.",
        "ar": "لا مجيب عند {host}:{port} ({reason}). تحقق من الكهرباء والكابل والعنوان والمنفذ.",
    },
    "camera_refused_password": {
        "en": "The camera refuses this user name or password. Check them, and whether the user may view streams.",
        "ar": "ترفض الكاميرا اسم المستخدم أو كلمة المرور. تحقق منهما ومن أن للمستخدم حق مشاهدة البث.",
    },
    "camera_path_unknown": {
        "en": "The camera answers but knows no stream at this path. Check the end of the address.",
        "ar": "الكاميرا تجيب لكنها لا تعرف بثًا بهذا المسار. تحقق من آخر العنوان.",
    },
    "camera_busy": {
        "en": "The camera serves as many viewers as it can. Close other viewers or raise its limit.",
        "ar": "بلغت الكاميرا أقصى عدد من المشاهدين. أغلق المشاهدين الآخرين أو ارفع الحد في إعداداتها.",
    },
    "camera_refused_stream": {
        "en": "The camera refuses to send this stream. Check its stream settings, or restart it.",
        "ar": "ترفض الكاميرا إرسال هذا البث. تحقق من إعدادات البث فيها أو أعد تشغيلها.",
    },
    "camera_not_rtsp": {
        "en": "What answers at {host}:{port} speaks {spoken}, not RTSP. Check the port: RTSP is usually 554.",
        "ar": "المجيب عند {host}:{port} يتكلم {spoken} لا RTSP. تحقق من المنفذ؛ منفذ RTSP عادةً 554.",
    },
    "camera_no_video": {
        "en": "This stream holds no video. Choose another stream of the camera.",
        "ar": "لا فيديو في هذا البث. اختر بثًا آخر من الكاميرا.",
    },
    "camera_codec_unsupported": {
        "en": "The camera sends {codec}, which cannot be recorded. Set it to H.264 or H.265.",
        "ar": "ترسل الكاميرا بترميز {codec} ولا يمكن تسجيله. اضبطها على H.264 أو H.265.",
    },
    "camera_silent": {
        "en": "The camera accepts the connection but has sent nothing for {seconds} s. Restart it; with UDP, try TCP.",
        "ar": "تقبل الكاميرا الاتصال لكنها لم ترسل شيئًا منذ {seconds} ث. أعد تشغيلها؛ ومع UDP جرّب TCP.",
    },
    "camera_sends_no_keyframe": {
        "en": "The camera has sent no keyframe for {seconds} s. Set its keyframe (I-frame) interval to 2 seconds.",
        "ar": "لم ترسل الكاميرا إطارًا مفتاحيًا منذ {seconds} ث. اضبط فاصل الإطارات المفتاحية (I-frame) على ثانيتين.",
    },
    "camera_sends_garbage": {
        "en": "What the camera sends cannot be read as video. Restart it, or update its firmware.",
        "ar": "لا يمكن قراءة ما ترسله الكاميرا على أنه فيديو. أعد تشغيلها أو حدّث برنامجها الثابت.",
    },
    "camera_closed_connection": {
        "en": "The camera closed the connection.",
        "ar": "أغلقت الكاميرا الاتصال.",
    },
    "camera_stopped": {"en": "Stopped on request.", "ar": "توقف بناءً على الطلب."},
    "audio_converted": {
        "en": "MP4 cannot carry the camera's audio as it is; it is converted to AAC.",
        "ar": "لا يحمل MP4 صوت الكاميرا كما هو؛ فهو يُحوَّل إلى AAC.",
    },
    "audio_left_out": {
        "en": "The camera's audio cannot be recorded and is left out. Set it to AAC or G.711.",
        "ar": "لا يمكن تسجيل صوت الكاميرا فهو متروك. اضبطه على AAC أو G.711.",
    },
    "credentials_unreadable": {
        "en": "The password kept for {owner} cannot be opened with this node's key. Enter it again.",
        "ar": "لا تُفتح كلمة المرور المحفوظة لـ {owner} بمفتاح هذه العقدة. أدخلها من جديد.",
    },
    "key_file_exposed": {
        "en": "The key file {path} can be read by other users of this machine. Set its mode to 0600.",
        "ar": "يستطيع مستخدمون آخرون على هذا الجهاز قراءة ملف المفتاح {path}. اجعل صلاحياته 0600.",
    },
    "key_file_damaged": {
        "en": "The key file {path} is damaged. Put it back from a backup, or remove it and enter all passwords again.",
        "ar": "ملف المفتاح {path} تالف. أعده من نسخة احتياطية، أو احذفه وأدخل كلمات المرور كلها من جديد.",
    },
    "clip_missing": {
        "en": "There is no clip at {path}. Give a video file, or a folder that holds some.",
        "ar": "لا مقطع عند {path}. أعطِ ملف فيديو أو مجلدًا فيه ملفات فيديو.",
    },
    "clip_unreadable": {"en": "{path} cannot be read as video.", "ar": "لا يمكن قراءة {path} على أنه فيديو."},
    "camera_invalid": {
        "en": "The camera cannot be set up like this: {reason}.",
        "ar": "لا يمكن إعداد الكاميرا على هذا النحو: {reason}.",
    },
    # access
    "login_required": {"en": "Log in first.", "ar": "سجّل الدخول أولًا."},
    "login_failed": {
        "en": "The user name or the password is wrong.",
        "ar": "اسم المستخدم أو كلمة المرور غير صحيح.",
    },
    "login_throttled": {
        "en": "Too many failed attempts. Try again in {wait_s} s.",
        "ar": "محاولات فاشلة كثيرة. أعد المحاولة بعد {wait_s} ثانية.",
    },
    "csrf_failed": {
        "en": "The request did not come from this page. Reload it and try again.",
        "ar": "لم يأتِ الطلب من هذه الصفحة. أعد تحميلها ثم حاول مجددًا.",
    },
    "origin_refused": {
        "en": "Requests from other sites are refused.",
        "ar": "تُرفض الطلبات الواردة من مواقع أخرى.",
    },
    "password_change_required": {
        "en": "Change the one-time password first.",
        "ar": "غيّر كلمة المرور المؤقتة أولًا.",
    },
    "password_too_weak": {
        "en": "A password has {shortest} to {longest} characters, at least four of them different, "
        "and does not contain the user name.",
        "ar": "تتكون كلمة المرور من {shortest} إلى {longest} محرفًا، أربعة منها مختلفة على الأقل، "
        "ولا تتضمن اسم المستخدم.",
    },
    "password_unchanged": {
        "en": "The new password is the same as the old one.",
        "ar": "كلمة المرور الجديدة هي القديمة نفسها.",
    },
    "user_name_invalid": {
        "en": "A user name is 1 to 63 Latin letters, digits, dots, hyphens and underscores, "
        "and starts with a letter or a digit.",
        "ar": "يتكون اسم المستخدم من 1 إلى 63 حرفًا لاتينيًا أو رقمًا أو نقطة أو شرطة، ويبدأ بحرف أو رقم.",
    },
    "user_exists": {"en": "There is already a user “{user}”.", "ar": "يوجد مستخدم باسم «{user}» من قبل."},
    "user_unknown": {"en": "There is no user “{user}”.", "ar": "لا يوجد مستخدم باسم «{user}»."},
    # alerting
    "recorder_down": {
        "en": "The recorder does not answer. Nothing may be being recorded.",
        "ar": "المسجِّل لا يجيب. قد لا يكون أي شيء قيد التسجيل.",
    },
    "custody_down": {
        "en": "The node's log is not being written. Recording goes on; what happens is logged when it is back.",
        "ar": "لا يُكتب سجلّ العقدة الآن. التسجيل مستمر، وسيُسجَّل ما يجري عند عودته.",
    },
    "analysis_down": {
        "en": "The analysis is not running. Recording goes on; events will be found when it is back.",
        "ar": "التحليل متوقف. التسجيل مستمر، وستُكتشف الأحداث عند عودته.",
    },
    "analysis_behind": {
        "en": "The analysis of this camera is {lag_s} s behind its recording.",
        "ar": "تحليل هذه الكاميرا متأخر عن تسجيلها {lag_s} ثانية.",
    },
    "analysis_hurries": {
        "en": "This machine cannot look at all that is recorded: part of what happens between keyframes is not "
        "analysed, so that the rest is not late (cameras: {cameras}). Short visits may be missing from the events; the "
        "recording is whole. Fewer cameras, a sub stream for each or a faster machine help.",
        "ar": "لا يكفي هذا الجهاز لتحليل كل ما يُسجَّل: لا يُحلَّل بعض ما يجري بين الإطارات المفتاحية كي لا يتأخر الباقي "
        "(عدد الكاميرات: {cameras}). قد تغيب زيارات قصيرة عن الأحداث، أما التسجيل فكامل. يفيد تقليل الكاميرات أو إضافة "
        "تدفّق فرعي لكل منها أو جهاز أسرع.",
    },
    "camera_covered": {
        "en": "This camera sees hardly anything any more: it is covered or out of focus, or the light went out.",
        "ar": "لم تعد هذه الكاميرا ترى شيئًا يُذكر: إما أنها مغطاة أو خارج التركيز، أو انطفأت الإضاءة.",
    },
    "camera_turned": {
        "en": "This camera shows another view than usual: it was turned, moved or blocked. If that was intended, this "
        "ends by itself within an hour.",
        "ar": "تُظهر هذه الكاميرا مشهدًا غير المعتاد: إما أنها أُديرت أو نُقلت أو حُجبت. إن كان ذلك مقصودًا فسينتهي هذا "
        "الإنذار تلقائيًا خلال ساعة.",
    },
    "camera_picture_frozen": {
        "en": "This camera sends the very same picture again and again. Restart it.",
        "ar": "ترسل هذه الكاميرا الصورة نفسها مرارًا. أعد تشغيلها.",
    },
    "scrub_found_damage": {
        "en": "{segments} recorded file(s) of this camera are no longer what was recorded; the first is {path}. The "
        "disk may be failing: copy what matters, run “basira check --full”, replace the disk.",
        "ar": "{segments} من ملفات هذه الكاميرا لم تعد كما سُجّلت؛ أولها {path}. قد يكون القرص يتعطل: انسخ المهم، وشغّل "
        "«basira check --full»، واستبدل القرص.",
    },
    "scrubber_down": {
        "en": "Recorded footage is not being verified in the background: the verifier does not run. Recording goes on.",
        "ar": "لا يجري التحقق من التسجيلات في الخلفية: مدقّق التسجيلات متوقف. التسجيل مستمر.",
    },
    "disk_full_soon": {
        "en": "The disk will be full in about {hours} hours, before the oldest footage is due to go.",
        "ar": "سيمتلئ القرص خلال {hours} ساعة تقريبًا، قبل أن يحين حذف أقدم التسجيلات.",
    },
    "health_unknown": {
        "en": "The state of the disk and of the analysis cannot be read ({reason}).",
        "ar": "تتعذر قراءة حالة القرص والتحليل ({reason}).",
    },
    "webhook_url_invalid": {
        "en": "A webhook’s address starts with http:// or https:// and holds no user name, password or fragment.",
        "ar": "يبدأ عنوان الإشعار بـ http:// أو https:// ولا يتضمن اسم مستخدم ولا كلمة مرور ولا علامة #.",
    },
    "webhook_address_refused": {
        "en": "Webhooks may not be sent to this machine itself or to special network addresses.",
        "ar": "لا يجوز إرسال الإشعارات إلى هذا الجهاز نفسه أو إلى عناوين شبكة خاصة بالنظام.",
    },
    "webhook_unreachable": {
        "en": "The webhook’s address does not answer ({reason}).",
        "ar": "عنوان الإشعار لا يجيب ({reason}).",
    },
    "webhook_refused": {
        "en": "The webhook’s receiver refused the message.",
        "ar": "رفض مستقبِل الإشعار الرسالة.",
    },
    "process_already_running": {
        "en": "The process “{process}” of this node is already running.",
        "ar": "العملية «{process}» لهذه العقدة قيد التشغيل بالفعل.",
    },
    # web
    "database_unavailable": {
        "en": "A database cannot be read just now. Try again in a moment.",
        "ar": "تتعذر قراءة إحدى قواعد البيانات الآن. حاول بعد لحظات.",
    },
    "invalid_request": {
        "en": "The request is not valid at “{where}”: {reason}.",
        "ar": "الطلب غير صالح عند «{where}»: {reason}.",
    },
    "span_invalid": {"en": "A span ends after it starts.", "ar": "يجب أن تكون نهاية المدة بعد بدايتها."},
    "method_not_allowed": {"en": "This cannot be done here.", "ar": "لا يمكن تنفيذ هذا الإجراء هنا."},
    "request_refused": {"en": "The request was refused ({http_status}).", "ar": "رُفض الطلب ({http_status})."},
    "request_too_large": {
        "en": "The request is larger than {limit} bytes.",
        "ar": "حجم الطلب أكبر من {limit} بايت.",
    },
    "range_not_satisfiable": {
        "en": "The file has {length} bytes; the range asked for is not in it.",
        "ar": "طول الملف {length} بايت، والمجال المطلوب خارجه.",
    },
    "internal_error": {
        "en": "Something went wrong inside Basira. The log has the details under this request’s number.",
        "ar": "حدث خطأ داخلي في بصيرة. التفاصيل في السجل تحت رقم هذا الطلب.",
    },
    "camera_test_busy": {
        "en": "Several cameras are being tested already. Try again in a moment.",
        "ar": "يجري اختبار عدة كاميرات الآن. حاول بعد لحظات.",
    },
    "page_not_built": {
        "en": "The page has not been built here. Run “make setup” or install a release.",
        "ar": "لم تُبنَ صفحة الويب هنا. شغّل «make setup» أو ثبّت إصدارًا جاهزًا.",
    },
    "onvif_address_invalid": {
        "en": "“{address}” is not an ONVIF address; it should look like 192.168.1.20 or 192.168.1.20:8080.",
        "ar": "«{address}» ليس عنوان ONVIF؛ ينبغي أن يكون على هيئة 192.168.1.20 أو 192.168.1.20:8080.",
    },
    "onvif_refused_password": {
        "en": "The camera refuses this ONVIF user name or password. Many cameras keep a separate list of ONVIF users.",
        "ar": "ترفض الكاميرا اسم مستخدم ONVIF أو كلمة مروره. لكثير من الكاميرات قائمة مستقلة لمستخدمي ONVIF.",
    },
    "onvif_not_spoken": {
        "en": "What answers at {host}:{port} does not speak ONVIF. Switch ONVIF on in the camera, or check the port.",
        "ar": "المجيب عند {host}:{port} لا يتكلم ONVIF. فعّل ONVIF في الكاميرا أو تحقق من المنفذ.",
    },
    "onvif_not_understood": {
        "en": "The camera's ONVIF answer cannot be understood ({reason}). Add it by its RTSP address instead.",
        "ar": "لا يمكن فهم جواب ONVIF من الكاميرا ({reason}). أضفها بعنوان RTSP بدلًا من ذلك.",
    },
    "onvif_silent": {
        "en": "{host}:{port} has not answered within {seconds} s. Check address and port, or restart the camera.",
        "ar": "لم يجب {host}:{port} خلال {seconds} ث. تحقق من العنوان والمنفذ أو أعد تشغيل الكاميرا.",
    },
    "onvif_no_profiles": {
        "en": "The camera offers no video profile over ONVIF. Create one in the camera's settings.",
        "ar": "لا تعرض الكاميرا أي ملف فيديو (profile) عبر ONVIF. أنشئ واحدًا في إعدادات الكاميرا.",
    },
    "probe_timed_out": {
        "en": "The test did not end within {seconds} s. The camera answers too slowly; restart it and try again.",
        "ar": "لم ينته الاختبار خلال {seconds} ث. الكاميرا تجيب ببطء شديد؛ أعد تشغيلها ثم حاول من جديد.",
    },
    "probe_failed": {
        "en": "What the camera sent made the test fail. Update its firmware, or try its other stream.",
        "ar": "ما أرسلته الكاميرا أفشل الاختبار. حدّث برنامجها الثابت أو جرّب بثها الآخر.",
    },
    "discovery_failed": {
        "en": "The network could not be searched for cameras. Add the camera by its address.",
        "ar": "تعذر البحث عن الكاميرات في الشبكة. أضف الكاميرا بعنوانها.",
    },
    "advice_keyframe_interval_long": {
        "en": "Keyframes come only every {seconds} s. Set the keyframe (I-frame) interval to 2 s: seeking and live "
        "view start faster.",
        "ar": "لا يأتي الإطار المفتاحي إلا كل {seconds} ث. اضبط فاصل الإطارات المفتاحية (I-frame) على ثانيتين ليسرع "
        "البدء والتنقل.",
    },
    "advice_keyframe_interval_short": {
        "en": "A keyframe every {seconds} s wastes disk space. Set the keyframe (I-frame) interval to 2 s.",
        "ar": "إطار مفتاحي كل {seconds} ث يهدر مساحة القرص. اضبط فاصل الإطارات المفتاحية (I-frame) على ثانيتين.",
    },
    "advice_keyframe_interval_varies": {
        "en": "The keyframe interval varies. Switch off “smart” coding (H.264+, Smart Codec, Zipstream GOP).",
        "ar": "فاصل الإطارات المفتاحية متغير. أوقف الترميز «الذكي» (H.264+ وSmart Codec وZipstream GOP).",
    },
    "advice_h265": {
        "en": "H.265 saves disk space, but some browsers cannot play it; they will be shown a converted view.",
        "ar": "يوفر H.265 مساحة القرص لكن بعض المتصفحات لا تشغّله؛ فيُعرض فيها بث محوَّل.",
    },
    "advice_b_frames": {
        "en": "The camera uses B-frames, which delay live view. Choose the baseline or main profile without B-frames.",
        "ar": "تستخدم الكاميرا إطارات B فيتأخر العرض المباشر. اختر ملف baseline أو main بلا إطارات B.",
    },
    "advice_frame_rate_low": {
        "en": "{rate} frames a second is little: fast movement will be missed. 10 to 15 is good.",
        "ar": "{rate} إطار في الثانية قليل: ستفوت الحركة السريعة. القيمة الجيدة من 10 إلى 15.",
    },
    "advice_frame_rate_high": {
        "en": "{rate} frames a second fills the disk with little gain. 15 to 25 is enough.",
        "ar": "{rate} إطارًا في الثانية يملأ القرص بفائدة قليلة. يكفي من 15 إلى 25.",
    },
    "advice_bit_rate_high": {
        "en": "{megabits} Mb/s is a lot for one camera. Lower the bit rate, or choose H.265.",
        "ar": "{megabits} ميغابت/ث كثير لكاميرا واحدة. اخفض معدل البت أو اختر H.265.",
    },
    "advice_audio_converted": {
        "en": "Audio comes as {codec} and is converted to AAC. Set the camera to AAC to save the work.",
        "ar": "يأتي الصوت بترميز {codec} ويُحوَّل إلى AAC. اضبط الكاميرا على AAC لتوفير هذا العمل.",
    },
    "advice_audio_left_out": {
        "en": "Audio comes as {codec}, which cannot be recorded. Set the camera to AAC or G.711.",
        "ar": "يأتي الصوت بترميز {codec} ولا يمكن تسجيله. اضبط الكاميرا على AAC أو G.711.",
    },
    "advice_substream_missing": {
        "en": "There is no second, smaller stream. With one, the wall and the analysis need far less work.",
        "ar": "لا يوجد بث ثانٍ أصغر. بوجوده يحتاج جدار العرض والتحليل إلى عمل أقل بكثير.",
    },
    "advice_clock_wrong": {
        "en": "The camera's clock is {seconds} s ahead of this machine's. Let the camera take its time from NTP.",
        "ar": "ساعة الكاميرا متقدمة {seconds} ث على ساعة هذا الجهاز. اجعل الكاميرا تأخذ وقتها من NTP.",
    },
    "advice_udp": {
        "en": "Over UDP, packets may be lost. Choose TCP unless the camera cannot.",
        "ar": "قد تضيع حزم عبر UDP. اختر TCP ما لم تعجز عنه الكاميرا.",
    },
    "advice_unencrypted": {
        "en": "The camera sends pictures, and perhaps the password, unencrypted. Keep cameras on their own network.",
        "ar": "ترسل الكاميرا الصور، وربما كلمة المرور، بلا تعمية. اجعل الكاميرات على شبكة خاصة بها.",
    },
    # cli
    "settings_invalid": {
        "en": "The setting “{setting}” is not valid: {reason}.",
        "ar": "الإعداد «{setting}» غير صالح: {reason}.",
    },
    "time_invalid": {
        "en": "“{text}” is not a time such as 2026-11-21T21:30.",
        "ar": "«{text}» ليس وقتًا على صورة ‎2026-11-21T21:30‎.",
    },
    "advice_password_in_clear": {
        "en": "The camera takes its password unencrypted (Basic). Set RTSP authentication to Digest, or anyone on the "
        "network can read it.",
        "ar": "تأخذ الكاميرا كلمة مرورها بلا تعمية (Basic). اضبط مصادقة RTSP على Digest وإلا قرأها كل من في الشبكة.",
    },
    "plan_fits": {
        "en": "This machine carries {cameras} such cameras.",
        "ar": "هذا الجهاز يتحمّل {cameras} من هذه الكاميرات.",
    },
    "plan_too_many": {
        "en": "This machine does not carry {cameras} such cameras.",
        "ar": "هذا الجهاز لا يتحمّل {cameras} من هذه الكاميرات.",
    },
    "plan_bound_processor": {
        "en": "It carries {most} at most: the processor ends first.",
        "ar": "أقصى ما يتحمّله {most}، والمعالج هو الحدّ.",
    },
    "plan_bound_memory": {
        "en": "It carries {most} at most: the memory ends first.",
        "ar": "أقصى ما يتحمّله {most}، والذاكرة هي الحدّ.",
    },
    "plan_needs": {
        "en": "Needed: {cores} of {of_cores} processors, {memory} of {of_memory} GB of memory.",
        "ar": "المطلوب: {cores} من {of_cores} من المعالجات، و{memory} من {of_memory} غيغابايت من الذاكرة.",
    },
    "plan_disk": {
        "en": "Disk: {disk} GB for {days} days of footage.",
        "ar": "القرص: {disk} غيغابايت لتسجيلات مدتها {days} يومًا.",
    },
    "plan_battery": {
        "en": "Power: about {watts} W, without the cameras; a battery of {battery} Wh for {hours} hours.",
        "ar": "الطاقة: نحو {watts} واط من دون الكاميرات؛ وبطارية سعتها {battery} واط ساعة لمدة {hours} ساعات.",
    },
}
