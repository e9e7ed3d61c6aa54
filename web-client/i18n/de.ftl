# Deutsch. Was hier fehlt, erscheint auf Englisch.

app-name = ZeChat

# --- Start ------------------------------------------------------------------------------------------

opening = Deine Nachrichten werden geöffnet …
engine-silent-title = ZeChat antwortet nicht
engine-silent = Der Teil, der deine Nachrichten aufbewahrt, ist nicht angelaufen. Vielleicht hält ihn ein anderer Tab fest: Schließe die anderen ZeChat-Tabs und versuche es noch einmal. Nichts ist verloren.
engine-broken-title = ZeChat kann hier nicht laufen
engine-broken = Der Browser hat den Teil angehalten, der deine Nachrichten aufbewahrt. In einem privaten Fenster oder wenn Website-Daten verboten sind, kann nichts aufbewahrt werden.
engine-broken-detail = Der Browser sagt: { $detail }
try-again = Noch einmal versuchen
reload = Neu laden
welcome-title = Sprich frei.
welcome-lead = Private Nachrichten zwischen dir und deinen Leuten. Keine Telefonnummer, kein Passwort, keine Firma dazwischen: Wähle einen Namen und fang an.
welcome-invited-title = Jemand möchte mit dir sprechen
welcome-invited-lead = Wähle einen Namen, dann kannst du gleich schreiben. Keine Telefonnummer, keine Mailadresse, nichts zu installieren.
welcome-invited = Du wurdest zu einem Gespräch eingeladen
welcome-name = Dein Name
welcome-name-hint = Wem du schreibst, sieht ihn. Du kannst ihn jederzeit ändern.
welcome-name-needed = Bitte gib einen Namen mit höchstens 64 Zeichen ein.
welcome-create = Los
welcome-advanced = Anderen Knoten verwenden
welcome-node = Adresse deines Knotens
welcome-node-hint = Ein Knoten bewahrt deine Post auf, bis du sie holst, und kann sie nicht lesen. Ohne Adresse hier ist es { $node }.
welcome-node-wrong = Das ist nicht die Adresse eines Knotens. Sie beginnt mit https://
welcome-point-keys = Deine Schlüssel verlassen diesen Browser nie
welcome-point-nodes = Über alle Knoten hinweg, und umziehen geht jederzeit
welcome-point-lost = Nichts geht still verloren
creating-title = Deine Identität entsteht
creating-lead = Sie entsteht hier, in diesem Browser. Das dauert ein paar Sekunden, ein einziges Mal.
creating-meeting-node = Deinen Knoten kennenlernen
creating-signing-key = Der Schlüssel, der für dich unterschreibt
creating-sealing-key = Der Schlüssel, der deine Post öffnet
creating-record = Dein erster Eintrag
creating-registering = Anmeldung bei deinem Knoten
creating-step-done = fertig
creating-step-now = läuft
creating-step-later = kommt noch
creating-failed = Das hat nicht geklappt

# --- Gespräche --------------------------------------------------------------------------------------

contact-new = Neuer Kontakt · { $node }
me = Du
conversations = Gespräche
conversations-empty-title = Hier ist es still
conversations-empty = Schick jemandem deinen Link oder öffne einen. Dann könnt ihr sprechen.
new-contact = Neuer Kontakt
settings = Einstellungen
requests = Anfragen
requests-count =
    { $count ->
        [one] { $count } Anfrage
       *[other] { $count } Anfragen
    }
unread =
    { $count ->
        [one] { $count } ungelesene Nachricht
       *[other] { $count } ungelesene Nachrichten
    }
preview-draft = Entwurf:
preview-mine = Du:
preview-blocked = Blockiert
preview-gap = Nachrichten fehlen
preview-newer = Eine Nachricht für eine neuere Version
preview-cannot-open = Eine Nachricht, die sich nicht öffnen lässt
preview-connected = Ihr könnt jetzt sprechen
preview-broken = Hier stimmt etwas nicht
preview-nothing = Noch nichts geschrieben
preview-deleted = Gelöschte Nachricht
preview-expired = Eine Nachricht, die verschwunden ist
detail-first-title = Beginne dein erstes Gespräch
detail-first = Gib jemandem deinen Link oder öffne einen.
detail-empty-title = Wähle ein Gespräch
detail-empty = Oder beginne ein neues: Gib jemandem deinen Link.
link-title = Dein Link
link-lead = Wer ihn öffnet, kann darum bitten, dir zu schreiben. Er enthält keinen Namen und kein Geheimnis.
link-qr = QR-Code deines Kontaktlinks
copy = Kopieren
copied = Kopiert
copy-failed = Der Browser hat es nicht erlaubt. Markiere den Text und kopiere ihn von Hand.
share = Teilen
share-text = Schreib mir auf ZeChat
paste-title = Hat dir jemand einen Link gegeben?
paste-label = Ihr Link
paste-open = Öffnen
paste-looking = Wird nachgeschlagen …
preview-title = Sag Hallo
preview-lead = Sie sehen deinen Namen und diese Nachricht und entscheiden, ob sie antworten. Ihr eigener Name kommt mit der Antwort.
preview-node = Knoten
preview-fingerprint = Fingerabdruck
first-message = Deine erste Nachricht
first-message-placeholder = Hallo, hier ist { $name }!
first-message-send = Anfrage senden
asked-notice = Wartet auf ihre Zusage. Was du inzwischen schreibst, wird danach zugestellt.
home = Zu deinen Gesprächen
requests-title = Anfragen
requests-lead = Menschen, die du noch nicht kennst. Sie erfahren nichts, bis du zusagst: nicht, dass du das liest, und nicht, dass du da bist.
requests-empty-title = Keine Anfragen
requests-empty = Wenn jemand deinen Link öffnet und dir schreibt, entscheidest du hier.
request-says = nennt sich
request-unnamed = Jemand ohne Namen
request-accept = Annehmen
request-refuse = Ablehnen
request-block = Blockieren
request-arrived = Angekommen { $time }
request-note = Namen sind, was Menschen von sich sagen. Vergleicht später die Sicherheitsnummer.

# --- Ein Gespräch -----------------------------------------------------------------------------------

back = Zurück
messages-with = Nachrichten mit { $name }
message-from = { $name }, { $time }: { $text }
loading-messages = Nachrichten werden geladen …
loading-older = Ältere Nachrichten werden geladen …
loading-newer = Neuere Nachrichten werden geladen …
older-failed = Ältere Nachrichten ließen sich nicht laden.
messages-failed = Die Nachrichten ließen sich nicht laden.
messages-empty = Noch keine Nachrichten. Sag Hallo!
beginning = Hier hat euer Gespräch begonnen.
day-today = Heute
day-yesterday = Gestern
unread-here = Neue Nachrichten
jump-latest = Zur neuesten Nachricht
jump-latest-count =
    { $count ->
        [one] { $count } neue Nachricht weiter unten
       *[other] { $count } neue Nachrichten weiter unten
    }
state-accepted = Ende-zu-Ende verschlüsselt
state-asked = Noch nicht angenommen
state-asking = Möchte mit dir sprechen
state-blocked = Blockiert
state-resolved = Noch nicht angeschrieben
is-typing = schreibt …
verify = Sicherheitsnummer
verified = Geprüft
verified-no-more = Früher verglichen, aber die Schlüssel sind neu
conversation-menu = Mehr
block = Blockieren
block-title = { $name } blockieren?
block-explained = Sie können dir nicht mehr schreiben; was sie senden, wird verworfen. Sie erfahren es nicht. Du kannst es später aufheben.
block-really = Blockieren
unblock = Blockierung aufheben
cancel = Abbrechen
close = Schließen
delivery-waiting = Wartet: noch nicht bei deinem Knoten
delivery-waiting-for-acceptance = Wartet auf ihre Zusage
delivery-sent = Gesendet: Dein Knoten hat sie
delivery-on-their-node = Auf ihrem Knoten
delivery-delivered = Zugestellt
delivery-read = Gelesen
delivery-failed = Nicht zugestellt
delivery-failed-why = Nicht zugestellt. { $reason }
retry = Noch einmal
entry-gap =
    { $missing ->
        [one] Hier fehlt { $missing } Nachricht. Sie kann noch ankommen.
       *[other] Hier fehlen { $missing } Nachrichten. Sie können noch ankommen.
    }
entry-newer = Für diese Nachricht braucht es eine neuere Version von ZeChat.
entry-cannot-open = Eine Nachricht kam an, die sich hier nicht öffnen lässt. Bitte darum, sie noch einmal zu senden.
entry-connected = Ihr seid verbunden. Nur ihr beide könnt lesen, was ihr hier schreibt.
entry-edited = geändert
entry-disappears = Verschwindet
entry-deleted-by-them = Diese Nachricht wurde vom Absender gelöscht.
entry-deleted-there = Du hast diese Nachricht gelöscht, und ihr Gerät auch.
entry-deleted-asked = Du hast diese Nachricht gelöscht. Ihr Gerät hat noch nicht bestätigt, dass es das auch tat.
entry-deleted-failed = Du hast diese Nachricht hier gelöscht. Der Wunsch ließ sich nicht zustellen: Dort gibt es sie noch.
entry-expired = Hier war eine verschwindende Nachricht. Ihre Zeit war um, bevor sie ankam.
entry-timer = Neue Nachrichten verschwinden { $time } nach dem Senden.
entry-timer-off = Neue Nachrichten bleiben.
lifetime =
    { $unit ->
        [week] { $count ->
            [one] { $count } Woche
           *[other] { $count } Wochen
        }
        [day] { $count ->
            [one] { $count } Tag
           *[other] { $count } Tage
        }
        [hour] { $count ->
            [one] { $count } Stunde
           *[other] { $count } Stunden
        }
        [minute] { $count ->
            [one] { $count } Minute
           *[other] { $count } Minuten
        }
       *[second] { $count ->
            [one] { $count } Sekunde
           *[other] { $count } Sekunden
        }
    }
composer-label = Nachricht an { $name }
composer-placeholder = Nachricht schreiben
composer-send = Senden
composer-blocked = Du hast diesen Kontakt blockiert.
composer-asking = Sie möchten dir schreiben.
message-options = Möglichkeiten
message-react = Reagieren
message-reply = Antworten
message-copy = Text kopieren
message-edit = Ändern
message-info = Einzelheiten
message-delete = Löschen
emoji-choose = Emoji wählen
emoji-more = Mehr Emoji
sign-mine = Du: { $sign }. Zurücknehmen
sign-theirs = { $name }: { $sign }
quote-gone = Eine Nachricht, die es hier nicht mehr gibt
quote-jump = Zur beantworteten Nachricht
replying = Antwort auf
editing = Deine Nachricht ändern
edit-save = Änderung speichern
delete-title = Diese Nachricht löschen?
delete-explained = Für beide: Ihr Gerät wird gebeten, sie auch zu löschen, und du siehst, ob es das tat. Was gelesen oder kopiert wurde, lässt sich nicht zurückholen.
delete-here-explained = Sie wird in diesem Browser gelöscht. Die andere Person behält sie.
delete-here = Hier löschen
delete-both = Für beide löschen
info-title = Einzelheiten
info-loading = Wird nachgesehen …
info-sent = Geschrieben
info-stored = Hier angekommen
info-expires = Verschwindet
info-versions = Frühere Texte
info-until = bis { $time }
timer-title = Verschwindende Nachrichten
timer-explained = Neue Nachrichten von euch beiden werden auf beiden Seiten so lange nach dem Senden gelöscht. Die andere Person erfährt es. Was schon da ist, bleibt.
timer-off = Aus
pin = Anheften
unpin = Lösen
pinned = Angeheftet
mute = Stummschalten
mute-hours = 8 Stunden stummschalten
unmute = Stummschaltung aufheben
muted = Stumm
archive = Archivieren
unarchive = Aus dem Archiv holen
filters = Welche Gespräche
filter-all = Alle
filter-unread = Ungelesen
filter-archived = Archiv ({ $count })
filter-none = Hier ist nichts.
search-label = Nachrichten durchsuchen
search-clear = Suche leeren
search-none = Nichts gefunden.
search-more = Es gibt mehr: Die neuesten werden gezeigt.
search-where = Gesucht wird in den Nachrichten in diesem Browser; niemand wird gefragt.
search-count =
    { $count ->
        [0] Nichts gefunden.
        [one] { $count } Nachricht gefunden.
       *[other] { $count } Nachrichten gefunden.
    }
safety-title = Sicherheitsnummer
safety-lead = Vergleiche diese Zahlen mit { $name }, am Telefon oder von Angesicht zu Angesicht. Seht ihr beide dieselben, ist niemand dazwischen.
safety-qr = QR-Code der Sicherheitsnummer
safety-loading = Wird berechnet …
safety-same = Sie sind gleich
safety-scan = Ihren Code lesen
safety-verified = Du hast sie verglichen: Das ist, wer du denkst. Das gilt auch nach einem Umzug zu einem anderen Knoten.
safety-changed = Einer von euch hat neue Schlüssel, seit du verglichen hast. Vergleiche noch einmal, bevor du traust, was geschrieben wird.
safety-unverify = Nicht mehr sicher
scan-camera = Kamera verwenden
scan-picture = Bild wählen
scan-looking = Halte den Code vor die Kamera.
scan-no-camera = Es gibt keine Kamera, oder der Browser durfte sie nicht verwenden. Ein Bild des Codes geht auch.
scan-none = In diesem Bild ist kein lesbarer Code.
scan-unreadable = Diese Datei ist kein Bild, das der Browser lesen kann.
scan-no-reader = Der Teil von ZeChat, der Codes liest, konnte nicht geladen werden. Versuche es noch einmal, wenn du verbunden bist.

# --- Verbindung -------------------------------------------------------------------------------------

connection-connecting = Verbindet …
connection-online = Verbunden
connection-idle = Nicht verbunden
connection-offline-short = Offline
connection-refused-short = Abgewiesen
connection-offline =
    { $seconds ->
        [0] Offline. Neuer Versuch läuft. Was du schreibst, bleibt und wird später gesendet.
       *[other] Offline. Nächster Versuch in { $seconds } s. Was du schreibst, bleibt und wird später gesendet.
    }
connection-try-now = Jetzt versuchen

# --- Einstellungen ----------------------------------------------------------------------------------

settings-profile = Profil
settings-name = Dein Name
settings-name-hint = Kontakte erfahren eine Änderung mit deiner nächsten Nachricht.
settings-name-save = Speichern
settings-name-saved = Gespeichert
settings-privacy = Privatsphäre
settings-receipts = Empfangsbestätigungen senden
settings-receipts-hint = Sagt Kontakten, wann ihre Nachrichten ankamen und wann du sie gelesen hast. Aus heißt, dass nichts gesendet wird. Fremde bekommen nie welche.
settings-typing = Zeigen, dass du schreibst
settings-typing-hint = Sagt Kontakten, die da sind, dass du schreibst, und zeigt, wenn sie es tun. Aus heißt, dass nichts gesendet wird.
settings-notify = Benachrichtigungen
notify-off = Keine
notify-quiet = Dass es eine Nachricht gibt
notify-name = Wer geschrieben hat
notify-text = Wer geschrieben hat, und die Nachricht
notify-hint = Sie kommen, solange ZeChat in einem Tab offen ist. Stumme Gespräche und Fremde melden sich nie.
notify-denied = Der Browser erlaubt dieser Seite keine Benachrichtigungen. In seinen Einstellungen für diese Seite lässt sich das ändern.
notify-missing = Dieser Browser kennt keine Benachrichtigungen für Seiten.
notice-message = Neue Nachricht
settings-appearance = Darstellung
appearance-system = System
appearance-light = Hell
appearance-dark = Dunkel
settings-look = Schrift und Kontrast
text-size = Schriftgröße
text-size-small = Klein
text-size-normal = Normal
text-size-large = Groß
text-size-largest = Sehr groß
contrast = Mehr Kontrast
settings-language = Sprache
language-browser = Wie im Browser
settings-storage = Speicher
storage-used = In diesem Browser belegt
storage-room = Noch frei
storage-kept = Der Browser hat zugesagt, nichts zu löschen, wenn ihm der Platz ausgeht.
storage-not-kept = Der Browser könnte alles löschen, wenn ihm der Platz ausgeht. ZeChat zu installieren oder oft zu benutzen kann das ändern.
settings-identity = Identität und Knoten
settings-node = Heimatknoten
settings-connection = Verbindung
settings-fingerprint = Fingerabdruck
settings-identity-id = Kennung
settings-about = Über
settings-version = Version
settings-build = Build
settings-licence = Lizenz
settings-keys-note = Deine Schlüssel und Nachrichten sind nur in diesem Browser. Wer seine Website-Daten löscht, löscht sie.
settings-danger = Gefahrenzone
danger-explained = Löscht deine Identität, deine Schlüssel und alle Nachrichten aus diesem Browser. Dein Knoten und deine Kontakte erfahren es nicht.
danger-delete = Hier alles löschen
danger-title = Alles in diesem Browser löschen?
danger-consequences = Ohne Wiederherstellungsphrase oder Sicherung kann das niemand zurückbringen: nicht du, nicht dein Knoten, nicht wir.
danger-sure = Ich habe, was ich brauche, oder brauche nichts davon.
keys-title = Tasten
keys-sheet = Diese Liste
keys-search = Suchen
keys-send = Senden
keys-line = Neue Zeile
keys-close = Dialog schließen, Änderung verwerfen
keys-messages = Auf einer Nachricht
keys-messages-hint = Drücke die Tabulatortaste, bis die Nachrichten den Fokus haben, dann eine Pfeiltaste.
keys-move = Zu einer anderen Nachricht
keys-single = Einzelne Tasten bewirken etwas

# --- Was schiefgehen kann ---------------------------------------------------------------------------

error-silent = ZeChat hat zu lange gebraucht. Nichts ist verloren; bitte versuche es noch einmal.
error-bad-name = Bitte wähle einen Namen mit 1 bis 64 Zeichen.
error-bad-link = Das ist kein Kontaktlink, oder ein Zeichen ging verloren. Kopiere ihn noch einmal, ganz.
error-own-link = Das ist dein eigener Link. Gib ihn jemand anderem!
error-empty-text = Es gibt noch nichts zu senden.
error-not-found = Das gibt es hier nicht mehr.
error-wrong-state = Das geht nicht mehr: Inzwischen hat sich etwas geändert.
error-number-differs = Das ist eine andere Nummer. Wenn ihr beide seht, was ihr verglichen habt, könnte jemand dazwischen sein: Traue diesem Kontakt nicht, bis sie übereinstimmt.
error-not-connected = Du bist gerade nicht mit deinem Knoten verbunden. Versuche es, wenn du es bist.
error-node-unreachable = Dein Knoten ist nicht erreichbar. Prüfe deine Verbindung und die Adresse und versuche es noch einmal.
error-their-node-unreachable = Ihr Knoten ist gerade nicht erreichbar. Versuche es später noch einmal.
error-storage = Der Browser konnte es nicht speichern: { $detail }. Vielleicht ist kein Platz mehr.
error-internal = In ZeChat ging etwas schief: { $detail }

# --- Sperre ---------------------------------------------------------------------------------------

lock-open = Sperre
lock-title = Sperre
lock-what = Was eine Sperre bewirkt
lock-is-set = Eine Sperre ist eingerichtet.
lock-is-not-set = Keine Sperre: Wer diesen Browser öffnet, kann alles lesen.
lock-lead = Deine Schlüssel und Nachrichten liegen verschlüsselt unter deiner Passphrase. Solange gesperrt ist, kann niemand sie lesen, und nichts kommt an; Nachrichten warten auf deinem Knoten.
lock-now = Jetzt sperren
lock-auto = Von selbst sperren, wenn niemand da ist
lock-auto-never = Nie
lock-auto-hint = Gesperrt wird auch, wenn du den letzten ZeChat-Tab schließt oder neu lädst.
lock-set-title = Sperre einrichten
lock-set-lead = Wähle eine Passphrase aus mehreren Wörtern. Sie wird nirgends gespeichert, und niemand kann sie zurücksetzen: Wer sie vergisst, stellt die Identität mit der Wiederherstellungsphrase her.
lock-new = Neue Passphrase
lock-new-hint = Mindestens 8 Zeichen; vier zufällige Wörter sind gut.
lock-again = Noch einmal dieselbe
lock-differ = Die beiden sind nicht gleich.
lock-set = Sperre einrichten
lock-setting = Gespeichertes wird verschlüsselt …
lock-current = Jetzige Passphrase
lock-change-title = Passphrase ändern
lock-change = Ändern
lock-changed = Die Passphrase ist geändert.
lock-remove-title = Sperre entfernen
lock-remove-lead = Danach kann jeder, der diesen Browser öffnet, alles lesen.
lock-remove = Sperre entfernen
lock-passkeys = Passkeys
lock-passkeys-lead = Fingerabdruck, Gesicht oder Sicherheitsschlüssel statt Tippen. Die Passphrase geht immer auch.
lock-passkeys-count =
    { $count ->
        [0] Kein Passkey öffnet diese Sperre.
        [one] { $count } Passkey öffnet diese Sperre.
       *[other] { $count } Passkeys öffnen diese Sperre.
    }
lock-passkey-add = Passkey hinzufügen
lock-passkeys-remove = Alle Passkeys entfernen
lock-closed = ZeChat ist gesperrt
lock-passphrase = Passphrase
lock-unlock = Entsperren
lock-opening = Wird geprüft …
lock-with-passkey = Passkey verwenden
lock-forgotten = Passphrase vergessen?
lock-forgotten-what = Ohne sie kann niemand diese Sperre öffnen. Lösche, was hier gespeichert ist, und hole deine Identität mit der Wiederherstellungsphrase zurück: Alles, was auf deinem Knoten gesichert war, kommt mit.
lock-forgotten-sure = Ich habe meine Wiederherstellungsphrase, oder ich brauche nichts von hier.
lock-forgotten-delete = Löschen und neu anfangen
lock-wrong = Das ist nicht die Passphrase. Groß- und Kleinschreibung zählen.
lock-wrong-passkey = Dieser Passkey öffnet die Sperre nicht. Nimm die Passphrase.
lock-too-short = Bitte nimm mindestens { $count } Zeichen.
lock-wrong-state = Die Sperre wurde in einem anderen Tab geändert. Sieh noch einmal nach.
passkey-missing = Dieser Browser hat für diese Seite keine Passkeys. Die Passphrase geht.
passkey-refused = Der Passkey wurde nicht benutzt: abgebrochen, oder es dauerte zu lange.
passkey-no-function = Dieser Passkey oder Browser kann keine Sperren öffnen (die PRF-Erweiterung fehlt). Die Passphrase geht.
passkey-failed = Der Passkey ging nicht: { $detail }
reminder-lock = Schütze, was in diesem Browser liegt, mit einer Sperre.
reminder-lock-do = Sperre einrichten

# --- Mehrere Identitäten --------------------------------------------------------------------------

identities = Identitäten in diesem Browser
identities-hint = Jede hat eigene Schlüssel, Nachrichten und eine eigene Sperre; sie wissen nichts voneinander. Andere Tabs bleiben bei ihrer.
identity-here = diese
identity-new = Weitere Identität
evicted-title = Dieser Browser hat { $name } weggeräumt
evicted-what = Schlüssel und Nachrichten sind aus diesem Browser verschwunden: Der Platz ging aus, seine Daten wurden gelöscht, oder die Seite war lange nicht offen. Mit deiner Identität ist alles in Ordnung.
evicted-way = Hole sie mit der Wiederherstellungsphrase oder einer Sicherungsdatei zurück. Nachrichten, die nicht abgeholt wurden, warten auf deinem Knoten.
evicted-restore = Zurückholen
evicted-forget = Ich brauche sie nicht
evicted-install = Von installierten Seiten behalten Browser die Daten länger: Füge ZeChat zum Startbildschirm oder Dock hinzu.
