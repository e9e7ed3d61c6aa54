# Deutsch.

app-name = ZeChat

# --- Start ------------------------------------------------------------------------------------------

opening = Deine Nachrichten werden geöffnet …
engine-silent-title = ZeChat antwortet nicht
engine-silent = Der Teil, der deine Nachrichten aufbewahrt, ist nicht angelaufen. Vielleicht hält ihn ein anderer Tab fest: Schließe die anderen ZeChat-Tabs und versuche es noch einmal. Nichts ist verloren.
engine-broken-title = ZeChat kann hier nicht laufen
engine-broken = Der Browser hat den Teil angehalten, der deine Nachrichten aufbewahrt. In einem privaten Fenster oder wenn Website-Daten verboten sind, kann nichts aufbewahrt werden.
engine-broken-detail = Der Browser sagt: { $detail }
engine-full-title = Es ist kein Platz mehr
engine-full = Auf diesem Gerät ist kein Platz für das, was ZeChat aufbewahrt. Schaffe welchen und lade die Seite dann neu. Nichts ist verloren.
engine-newer-title = Diese Seite ist zu alt
engine-newer = Eine neuere Version von ZeChat bewahrt hier deine Nachrichten auf. Schließe alle anderen ZeChat-Tabs und lade die Seite neu, um diese Version zu bekommen. Nichts ist verloren.
engine-damaged-title = Was hier gespeichert ist, lässt sich nicht lesen
engine-damaged = Der Browser hat einen Teil davon verloren, oder etwas hat ihn verändert. Mit deiner Identität ist alles in Ordnung.
engine-damaged-way = Wenn Neuladen nicht hilft, lösche, was hier gespeichert ist, und hole deine Identität mit der Wiederherstellungsphrase oder einer Sicherungsdatei zurück. Nachrichten, die nicht abgeholt wurden, warten auf deinem Knoten.
try-again = Noch einmal versuchen
reload = Neu laden
missing-storage = Dieser Browser, oder seine jetzige Betriebsart, hat keinen Speicher für Seiten (IndexedDB). ZeChat bewahrt deine Schlüssel und Nachrichten dort auf und kann ohne ihn nicht arbeiten. Versuche ein gewöhnliches Fenster statt eines privaten.
missing-locks = Dieser Browser ist zu alt für ZeChat: Ihm fehlen Web Locks. Versuche einen aktuellen Firefox, Chrome, Edge oder Safari.
missing-channel = Dieser Browser ist zu alt für ZeChat: Ihm fehlt BroadcastChannel. Versuche einen aktuellen Firefox, Chrome, Edge oder Safari.
missing-secure-context = Diese Seite kam über eine ungeschützte Verbindung; dort geben Browser keine Kryptografie heraus. Öffne sie mit https.

# --- Willkommen -------------------------------------------------------------------------------------

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
welcome-node-placeholder = https://
welcome-node-wrong = Das ist nicht die Adresse eines Knotens. Sie beginnt mit https://
welcome-elsewhere = Schon unter einer anderen Adresse bei ZeChat?
welcome-elsewhere-hint = Kopiere diese Einladung, öffne dein ZeChat und füge sie unter „Neuer Kontakt“ ein.
welcome-copy-invitation = Einladung kopieren
welcome-point-keys = Deine Schlüssel entstehen hier, und niemand sonst kann sie lesen
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

# --- Menschen und Knoten ----------------------------------------------------------------------------

contact-new = Neuer Kontakt · { $node }
me = Du

# --- Gespräche --------------------------------------------------------------------------------------

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
unread-many = 99+
title-unread = ({ $count }) ZeChat
preview-draft = Entwurf:
preview-mine = Du:
preview-blocked = Blockiert
preview-gap = Nachrichten fehlen
preview-newer = Eine Nachricht für eine neuere Version
preview-cannot-open = Eine Nachricht, die sich nicht öffnen lässt
preview-connected = Ihr könnt jetzt sprechen
preview-broken = Hier stimmt etwas nicht
preview-moved = Umgezogen zu einem anderen Knoten
preview-key-changed = Neue Schlüssel
preview-forked = Warnung: Jemand anderes benutzt vielleicht diese Schlüssel
preview-fork-settled = Du kannst wieder schreiben
preview-deleted = Gelöschte Nachricht
preview-expired = Eine Nachricht, die verschwunden ist
preview-nothing = Noch nichts geschrieben
detail-first-title = Beginne dein erstes Gespräch
detail-first = Gib jemandem deinen Link oder öffne einen.
detail-empty-title = Wähle ein Gespräch
detail-empty = Oder beginne ein neues: Gib jemandem deinen Link.

# --- Link -------------------------------------------------------------------------------------------

link-title = Dein Link
link-lead = Wer ihn öffnet, kann darum bitten, dir zu schreiben. Er enthält keinen Namen und kein Geheimnis.
link-qr = QR-Code deines Kontaktlinks
links-title = Links für eine Person
links-lead = Ein Link für jemand Bestimmten: Wenn die Person anfragt, siehst du, über welchen Link sie kam. Er gilt einmal, und du kannst ihn zurücknehmen.
links-label = Für wen er ist (freiwillig)
links-label-hint = Das siehst nur du.
links-many = Er gilt für alle, die ihn haben, bis ich ihn widerrufe
links-make = Link erstellen
links-list = Offene Links
links-unnamed = Ohne Namen
links-once = Gilt einmal
links-until-revoked = Gilt, bis du ihn widerrufst
links-made = Erstellt: { $time }
links-show = Code zeigen
links-qr = QR-Code des Links: { $name }
links-revoke = Widerrufen
links-revoke-title = Den Link „{ $name }“ widerrufen?
links-revoke-explained = Wer ihn von jetzt an öffnet, fragt an wie alle anderen. Wer schon über ihn kam, bleibt.
copy = Kopieren
copied = Kopiert
copy-failed = Der Browser hat es nicht erlaubt. Markiere den Text und kopiere ihn von Hand.
share = Teilen
share-text = Schreib mir auf ZeChat
paste-title = Hat dir jemand einen Link oder Code gegeben?
paste-label = Ihr Link
paste-placeholder = https://…/i#…
paste-open = Öffnen
paste-looking = Wird nachgeschlagen …

# --- Vorschau und erste Nachricht -------------------------------------------------------------------

preview-title = Sag Hallo
preview-lead = Sie sehen deinen Namen und diese Nachricht und entscheiden, ob sie antworten. Ihr eigener Name kommt mit der Antwort.
preview-node = Knoten
preview-fingerprint = Fingerabdruck
first-message = Deine erste Nachricht
first-message-placeholder = Hallo, hier ist { $name }!
first-message-send = Anfrage senden
asked-notice = Wartet auf ihre Zusage. Was du inzwischen schreibst, wird danach zugestellt.
invite-opening = Es wird nachgeschlagen, wer dich eingeladen hat …
invite-failed = Die Einladung ließ sich nicht öffnen
home = Zu deinen Gesprächen
gone-title = Dieses Gespräch ist nicht hier
gone = Vielleicht wurde es entfernt, oder es gehört zu einem anderen Browser.

# --- Anfragen ---------------------------------------------------------------------------------------

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
request-by-link = über den Link, den du für „{ $name }“ erstellt hast
request-by-unnamed-link = über einen Link, den du erstellt hast
request-note = Namen sind, was Menschen von sich sagen. Vergleicht später die Sicherheitsnummer.

# --- Ein Gespräch -----------------------------------------------------------------------------------

back = Zurück
messages-with = Nachrichten mit { $name }
loading-newer = Neuere Nachrichten werden geladen …
is-typing = schreibt …
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
entry-edited = geändert
entry-disappears = Verschwindet
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
timer-explained = Neue Nachrichten von euch beiden werden auf beiden Seiten gelöscht, wenn seit dem Senden diese Zeit vergangen ist. Die andere Person erfährt es. Was schon da ist, bleibt.
timer-off = Aus
pin = Anheften
unpin = Lösen
pinned = Angeheftet
mute = Stummschalten
mute-hours = 8 Stunden stummschalten
tell = Mitteilen, dass ich lese und schreibe
tell-nothing = Lesen und Schreiben nicht mitteilen
unmute = Stummschaltung aufheben
muted = Stumm
archive = Archivieren
unarchive = Aus dem Archiv holen
filters = Welche Gespräche
filter-all = Alle
filter-unread = Ungelesen
filter-unanswered = Unbeantwortet
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
message-from = { $name }, { $time }: { $text }
loading-messages = Nachrichten werden geladen …
loading-older = Ältere Nachrichten werden geladen …
older-failed = Ältere Nachrichten ließen sich nicht laden.
messages-failed = Die Nachrichten ließen sich nicht laden.
messages-empty = Noch keine Nachrichten. Sag Hallo!
beginning = Hier hat euer Gespräch begonnen.
day-today = Heute
day-yesterday = Gestern
unread-here = Neue Nachrichten
jump-unread = Zur ungelesenen Nachricht weiter oben
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
verify = Sicherheitsnummer
conversation-menu = Mehr
contact-name = Name für diesen Kontakt
contact-name-hint = Nur du siehst ihn. Bleibt das Feld leer, gilt der Name, den sie sich selbst geben.
clear = Unterhaltung leeren
clear-title = Die Unterhaltung mit { $name } leeren?
clear-explained = Alle ihre Nachrichten werden in diesem Browser gelöscht. Was noch auf eine Annahme wartet, wird nicht gesendet; was schon unterwegs ist, kommt noch an. Die andere Person behält ihre; ihr bleibt verbunden.
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
entry-newer = Für diese Nachricht braucht es eine neuere Version von ZeChat. Sobald diese Seite zu einer gewechselt hat, ist sie zu lesen.
entry-cannot-open = Eine Nachricht kam an, die sich hier nicht öffnen lässt. Bitte darum, sie noch einmal zu senden.
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
entry-connected = Ihr seid verbunden. Nur ihr beide könnt lesen, was ihr hier schreibt.
entry-moved = Umgezogen zu einem anderen Knoten. Du musst nichts tun.
entry-key-changed = Ab hier gelten neue Schlüssel. Wenn du das nicht erwartet hast, vergleicht die Sicherheitsnummer.
entry-recovered = Diese Identität wurde mit ihrer Wiederherstellungsphrase zurückgeholt, weil ihre Schlüssel verloren oder gestohlen waren. Vergleicht die Sicherheitsnummer, bevor du traust, was folgt.
entry-forked = Warnung: Zwei ihrer Aussagen widersprechen sich. Jemand anderes benutzt vielleicht ihre Schlüssel. Bis das geklärt ist, wird nichts gesendet; frag auf einem anderen Weg nach.
entry-fork-recovered = Das wurde mit der Wiederherstellungsphrase geklärt. Du kannst wieder schreiben; vergleicht zuerst die Sicherheitsnummer.
entry-fork-decided = Du hast dich entschieden, mit den Schlüsseln weiterzumachen, die du schon kanntest.
entry-broken = Was folgt, widerspricht dem, was vorher kam. Vielleicht hat es jemand gefälscht, oder ein Gerät wurde zurückgesetzt. Vergleicht die Sicherheitsnummer, bevor du dem traust.

composer-label = Nachricht an { $name }
composer-placeholder = Nachricht schreiben
composer-send = Senden
composer-near = höchstens noch { $left } Zeichen
composer-over = { $over } Zeichen zu lang
composer-blocked = Du hast diesen Kontakt blockiert.
composer-asking = Sie möchten dir schreiben.

safety-title = Sicherheitsnummer
safety-lead = Vergleiche diese Zahlen mit { $name }, am Telefon oder von Angesicht zu Angesicht. Seht ihr beide dieselben, ist niemand dazwischen.
safety-unverified = Solange du sie nicht verglichen hast, verlässt du dich darauf, dass der Link oder die erste Nachricht wirklich von ihnen kam.
safety-qr = QR-Code der Sicherheitsnummer
safety-same = Sie sind gleich
safety-scan = Ihren Code lesen
safety-verified = Du hast sie verglichen: Das ist, wer du denkst. Das gilt auch nach einem Umzug zu einem anderen Knoten.
safety-changed = Einer von euch hat neue Schlüssel, seit du verglichen hast. Vergleiche noch einmal, bevor du traust, was geschrieben wird.
safety-unverify = Nicht mehr sicher
verified = Geprüft
verified-no-more = Früher verglichen, aber die Schlüssel sind neu
scan-camera = Kamera verwenden
scan-picture = Bild wählen
scan-looking = Halte den Code vor die Kamera.
scan-no-camera = Es gibt keine Kamera, oder der Browser durfte sie nicht verwenden. Ein Bild des Codes geht auch.
scan-none = In diesem Bild ist kein lesbarer Code.
scan-unreadable = Diese Datei ist kein Bild, das der Browser lesen kann.
scan-no-reader = Der Teil von ZeChat, der Codes liest, konnte nicht geladen werden. Versuche es noch einmal, wenn du verbunden bist.
safety-loading = Wird berechnet …

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
connection-refused = { $problem } Was du schreibst, bleibt.
tombstones =
    { $count ->
        [one] Dein Knoten musste { $count } Nachricht löschen, die nicht rechtzeitig abgeholt wurde ({ $from } bis { $to }). Bitte deine Kontakte, sie noch einmal zu senden.
       *[other] Dein Knoten musste { $count } Nachrichten löschen, die nicht rechtzeitig abgeholt wurden ({ $from } bis { $to }). Bitte deine Kontakte, sie noch einmal zu senden.
    }
dropped-unreadable =
    { $count ->
        [one] { $count } Nachricht ließ sich nicht öffnen, und von wem sie war, ist nicht bekannt. Wer es war, kann sie noch einmal senden.
       *[other] { $count } Nachrichten ließen sich nicht öffnen, und von wem sie waren, ist nicht bekannt. Wer es war, kann sie noch einmal senden.
    }
dropped-too-many =
    { $count ->
        [one] { $count } erste Nachricht einer fremden Person wurde ausgelassen, weil zu viele warteten.
       *[other] { $count } erste Nachrichten fremder Personen wurden ausgelassen, weil zu viele warteten.
    }
tombstones-dismiss = Verstanden

# --- Einstellungen ----------------------------------------------------------------------------------

settings-profile = Profil
settings-name = Dein Name
settings-name-hint = Deine Kontakte erfahren eine Änderung sofort.
settings-name-save = Speichern
settings-name-saved = Gespeichert
settings-privacy = Privatsphäre
settings-receipts = Empfangsbestätigungen senden
settings-receipts-hint = Sagt Kontakten, wann ihre Nachrichten ankamen und wann du sie gelesen hast. Aus heißt, dass nichts gesendet wird. Fremde bekommen nie welche.
settings-typing = Zeigen, dass du schreibst
settings-typing-hint = Sagt Kontakten, die da sind, dass du schreibst, und zeigt, wenn sie es tun. Aus heißt, dass nichts gesendet wird.
settings-asking = Wer darum bitten darf, dir zu schreiben
settings-asking-any = Alle, die einen Link von mir haben
settings-asking-made = Nur mit einem Link, den ich dafür erstellt habe
settings-asking-hint = Wer ohne einen solchen anfragt, oder über einen, der benutzt oder widerrufen ist, wird dann nicht gezeigt und merkt es nicht. Kontakte bleiben, wie sie sind.
settings-notify = Benachrichtigungen
notify-off = Keine
notify-quiet = Dass es eine Nachricht gibt
notify-name = Wer geschrieben hat
notify-text = Wer geschrieben hat, und die Nachricht
notify-hint = Sie kommen, solange ZeChat in einem Tab offen ist. Stumme Gespräche und Fremde melden sich nie.
notify-denied = Der Browser erlaubt dieser Seite keine Benachrichtigungen. In seinen Einstellungen für diese Seite lässt sich das ändern.
notify-missing = Dieser Browser kennt keine Benachrichtigungen für Seiten.
notice-message = Neue Nachricht
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
amount =
    { $unit ->
        [giga] { $whole },{ $rest } GB
        [mega] { $whole },{ $rest } MB
       *[kilo] { $whole },{ $rest } kB
    }
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
keys-conversations = Zu einem anderen Gespräch in der Liste
keys-close = Dialog schließen, Änderung verwerfen
keys-messages = Auf einer Nachricht
keys-messages-hint = Drücke die Tabulatortaste, bis die Nachrichten den Fokus haben, dann eine Pfeiltaste.
keys-move = Zu einer anderen Nachricht
keys-single = Tasten allein, ohne Strg oder Alt, geben Befehle
settings-appearance = Darstellung
appearance-system = System
appearance-light = Hell
appearance-dark = Dunkel
settings-identity = Identität und Knoten
settings-node = Heimatknoten
settings-connection = Verbindung
settings-fingerprint = Fingerabdruck
settings-identity-id = Kennung
settings-about = Über
settings-version = Version
settings-build = Build
settings-build-unknown = Entwicklungsstand
settings-licence = Lizenz
settings-licence-text = Apache-2.0 oder MIT. Symbole von Lucide, ISC-Lizenz.
settings-licences = Bibliotheken und ihre Lizenzen
settings-keys-note = Deine Schlüssel und Nachrichten sind in diesem Browser und verschlüsselt auf deinen Knoten. Wer seine Website-Daten löscht, löscht, was hier ist.

# --- Knoten und Umzug -------------------------------------------------------------------------------

nodes = Deine Knoten
nodes-lead = Ein Knoten bewahrt deine Nachrichten auf, bis du sie abholst. Lesen kann er sie nicht. Du kannst jederzeit zu einem anderen umziehen: Deine Kontakte kommen von selbst mit.
nodes-open = Knoten und Umzug
nodes-move = Zu einem anderen Knoten umziehen
nodes-add = Einen zweiten Knoten dazunehmen
nodes-add-lead = Mit zwei Knoten erreichen dich Nachrichten auch, während einer weg ist.
nodes-add-do = Diesen Knoten dazunehmen
nodes-empty-title = Noch kein Knoten
nodes-empty = Deine Identität ist auf keinem Knoten. Nachrichten können dich nicht erreichen.
node-joining = Wird vorbereitet
node-active = In Gebrauch
node-draining = Wird geleert
node-leaving = Wird verlassen
node-joining-means = Er erfährt gerade, wer du bist. Deine Kontakte verwenden ihn noch nicht.
node-active-means = Hier geben deine Kontakte ihre Nachrichten ab.
node-draining-means = Deine Kontakte verwenden jetzt einen anderen Knoten. Was noch hier ist, wird abgeholt.
node-draining-until = Deine Kontakte verwenden jetzt einen anderen Knoten. Was hier noch ankommt, wird abgeholt. Am { $day } wird er von selbst entfernt.
node-leaving-means = Er erfährt gerade, dass du gegangen bist, und schickt weiter, wer spät kommt. Es gibt nichts zu tun.
node-forget = Vergessen
node-priority = Reihenfolge
node-order = Wird als Nummer { $number } versucht
node-drain = Nicht mehr verwenden
node-keep = Wieder verwenden
node-remove = Jetzt entfernen
node-remove-title = { $node } jetzt entfernen?
node-remove-explained = Nachrichten, die noch dort liegen und nicht abgeholt sind, werden aufgegeben. Tu das, wenn es den Knoten nicht mehr gibt oder du ihm nicht mehr traust. Sonst warte: Er wird von selbst entfernt, wenn er leer ist.
node-remove-really = Entfernen
node-prefer = Zuerst verwenden
node-closing = Dieser Knoten wird am { $day } geschlossen. Zieh vorher um: Was dann noch dort liegt, ist verloren.
node-closing-banner = Dein Knoten { $node } wird am { $day } geschlossen. Zieh vorher zu einem anderen um.
node-problem = Letztes Problem: { $problem }
node-called = Name
node-address-label = Adresse des Knotens, oder eine Einladung dorthin
node-keeps = Bewahrt auf für
node-room = Platz
node-room-is = { $size }, { $count } Nachrichten
node-vault-room = Platz für die verschlüsselte Kopie
node-people = Neue Leute
node-software = Software
node-open = Alle
node-invite = Mit Einladung
node-closed = Niemand
node-days =
    { $days ->
        [one] { $days } Tag
       *[other] { $days } Tage
    }
node-look = Ansehen
node-looking = Der Knoten wird gefragt …
node-away = Unter dieser Adresse ist kein Knoten, oder er ist gerade nicht erreichbar.
node-facts-loading = Er wird nach seinen Grenzen gefragt …
node-facts-failed = Er konnte nicht nach seinen Grenzen gefragt werden.
node-listed = Das ist schon einer deiner Knoten.
node-takes-nobody = Dieser Knoten nimmt niemanden mehr auf. Wähle einen anderen.
node-needs-invite = Dieser Knoten nimmt nur Leute mit Einladung auf. Füge statt der Adresse die Einladung ein.
node-keeps-short = Dieser Knoten löscht Nachrichten nach { $kept }. Bist du länger weg, gehen Nachrichten verloren, und du erfährst, wie viele.
size-bytes = { $count } Byte
size-kilobytes = { $count } kB
size-megabytes = { $count } MB

move-title = Umziehen
move-lead = Deine Identität, Kontakte und Nachrichten bleiben, wie sie sind. Deine Kontakte tun nichts und sehen eine unauffällige Zeile.
move-to-title = 1. Wohin?
move-from-title = 2. Von welchem Knoten weg?
move-from-only = Du verlässt { $node }.
move-do = Nach { $node } umziehen
move-dead = Den alten Knoten gibt es vielleicht nicht mehr: Umziehen geht trotzdem.
move-step-join = Der neue Knoten lernt dich kennen
move-step-empty = Deine Kontakte verwenden den neuen Knoten, der alte wird geleert
move-step-leave = Der alte Knoten ist verlassen
move-under-way-title = Du ziehst um
move-under-way-from-to = Von { $from } nach { $to }
move-under-way-to = Nach { $to }
move-under-way-from = Weg von { $from }
move-join-now = Das dauert ein paar Sekunden. Nachrichten kommen solange noch beim alten Knoten an.
move-join-silent = Der neue Knoten antwortet gerade nicht. Es wird von selbst wieder versucht; für deine Kontakte hat sich nichts geändert.
move-empty-now = Du bist umgezogen. Bis zum { $day } können noch Nachrichten beim alten Knoten ankommen; sie werden abgeholt, wann immer ZeChat offen ist. Du musst nicht auf dieser Seite bleiben.
move-empty-now-open = Du bist umgezogen. Es können noch Nachrichten beim alten Knoten ankommen; sie werden abgeholt, wann immer ZeChat offen ist. Du musst nicht auf dieser Seite bleiben.
move-refused = Du bist nicht umgezogen, und für deine Kontakte hat sich nichts geändert.
move-silent = { $node } antwortet nicht. Wenn es den Knoten nicht mehr gibt, musst du nicht auf ihn warten.
move-waits-title = Der alte Knoten
move-waits = Er wird von selbst geleert und entfernt. Es gibt nichts zu tun.
move-page = Diese Seite selbst kommt von { $node }, und dein Browser bewahrt deine Nachrichten unter dieser Adresse auf. Wenn es den Knoten nicht mehr gibt, öffne ZeChat von deinem neuen Knoten und stelle dort wieder her. Halte deine Wiederherstellungsphrase bereit.
move-stop = Beim alten Knoten bleiben
move-done-title = Du bist umgezogen
move-done = { $node } ist jetzt dein Knoten. Alles andere ist wie vorher.
move-again = Noch einmal umziehen

# --- Wiederherstellung ------------------------------------------------------------------------------

recovery = Wiederherstellung
recovery-open = Wiederherstellungsphrase und Kopie
recovery-lead = Deine Schlüssel und Nachrichten sind in diesem Browser und verschlüsselt auf deinen Knoten. Geht der Browser verloren, bringen zwölf Wörter und die Adresse eines deiner Knoten alles zurück.
phrase-title = Wiederherstellungsphrase
phrase-lead = Schreib die Wörter und die Adresse darunter auf, oder bewahre beides in einem Passwortspeicher. Wer die Wörter hat, hat deine Identität; niemand kann sie dir noch einmal geben.
phrase-show = Wörter zeigen
phrase-words = Die Wörter deiner Wiederherstellungsphrase
phrase-copy = Wörter und Adresse kopieren
phrase-where = Adresse deines Knotens, mit den Wörtern nötig
phrase-written = Ich habe sie aufbewahrt
phrase-kept-not = Du hast die Phrase bestätigt, darum hat dieser Browser die Wörter vergessen. Es gibt sie nur noch dort, wo du sie aufbewahrst.
phrase-confirmed = Bestätigt: Deine Kopie ließ sich mit diesen Wörtern öffnen.
phrase-unconfirmed = Noch nicht bestätigt
phrase-field = Wiederherstellungsphrase
phrase-field-hint =
    { $count ->
        [0] Zwölf Wörter. Einfügen und Passwortspeicher sind willkommen.
        [12] Zwölf Wörter.
       *[other] { $count } von 12 Wörtern
    }
phrase-prove-title = Beweise, dass sie stimmen
phrase-prove-lead = Die Kopie auf deinem Knoten wird heruntergeladen und wirklich geöffnet, mit den Wörtern, wie du sie aufbewahrt hast.
phrase-prove = Beweisen
secret-show = Zeigen
secret-hide = Verbergen
devices = Deine anderen Geräte
devices-none = Nur dieser Browser sichert in die Kopie.
device = Gerät { $mark }
devices-unknown = Wenn du eines davon nicht kennst, hol deine Identität zurück.
prove-again-title = Ist die Kopie gut?
prove-again-lead = Die Kopie auf deinem Knoten wird heruntergeladen und wirklich geöffnet.
prove-working = Wird heruntergeladen und geöffnet …
proof-title = Sie ist gut
proof-found = Sie enthält die Identität { $name }.
proof-contacts = Kontakte
proof-messages = Nachrichten
proof-newest = Neueste Nachricht
proof-saved = Gespeichert
proof-size = Größe
proof-devices = Geschrieben von
proof-devices-are =
    { $count ->
        [one] { $count } Gerät
       *[other] { $count } Geräten
    }
vault-title = Kopie auf deinen Knoten
vault-lead = Eine verschlüsselte Kopie von allem in diesem Browser. Deine Knoten bewahren sie auf und können sie nicht lesen.
vault-saving = Wird gespeichert …
vault-saved = Gespeichert { $time }
vault-unsaved = Gespeichert { $time }. Was seither neu ist, wird gleich gespeichert.
vault-never = Noch nicht gespeichert
vault-full = Dein Knoten hat keinen Platz mehr dafür.
vault-failing = Sie konnte nicht gespeichert werden. Die letzte ist von { $time }. Es wird von selbst wieder versucht.
vault-failing-never = Sie konnte noch nicht gespeichert werden. Es wird von selbst wieder versucht.
vault-save = Jetzt speichern
vault-fine = In Ordnung
vault-unreachable = Nicht erreichbar
vault-missing = Der Knoten hat keine Kopie oder hat sie verloren
vault-rolled-back = Der Knoten zeigt eine ältere Kopie, als er hatte. Sichere jetzt, oder wähle einen anderen Knoten
vault-damaged = Was der Knoten hat, ist beschädigt. Sichere jetzt, oder wähle einen anderen Knoten
vault-too-new = Von einer neueren Version von ZeChat geschrieben
vault-node-full = Kein Platz mehr auf dem Knoten
passphrase-title = Passphrase
passphrase-lead = Ein zweites Geheimnis neben den Wörtern: Wer nur die Wörter findet, kann die Kopie nicht öffnen. Vergisst du sie, ist die Kopie verloren.
passphrase-is-set = Eine Passphrase ist gesetzt.
passphrase-is-not-set = Es ist keine Passphrase gesetzt.
passphrase-new = Neue Passphrase
passphrase-set = Setzen
passphrase-change = Ändern
passphrase-remove = Entfernen
passphrase-done = Fertig. Die Kopie ist damit gespeichert.
passphrase-field = Passphrase
passphrase-field-hint = Nur wenn du eine gesetzt hast.
stolen-title = Verloren oder gestohlen?
stolen-lead = Wenn jemand anderes eine Kopie der Daten dieses Browsers oder eines Geräts hat, hol deine Identität mit der Wiederherstellungsphrase zurück.
stolen-open = Zurückholen
stolen-place = Hol deine Identität zurück
stolen-what = Was geschieht
stolen-1 = Neue Schlüssel entstehen. Jede andere Kopie, auch die des Diebs, kann nicht mehr in deinem Namen schreiben und nichts mehr für dich abholen.
stolen-2 = Deine Kontakte sehen eine Warnung, dass du neue Schlüssel hast, und sollen die Sicherheitsnummer mit dir vergleichen.
stolen-3 = Was der Dieb in den letzten 72 Stunden an deiner Identität geändert hat, gilt nicht mehr.
stolen-4 = Was die andere Kopie schon hat, kann sie weiter lesen. Das kann nichts ändern.
stolen-5 = Du bekommst eine neue Wiederherstellungsphrase. Die alte ist verbraucht.
stolen-here-lead = Neue Schlüssel entstehen, und alle anderen Kopien werden ausgesperrt. Deine Kontakte werden gewarnt. Deine Gespräche bleiben hier.
stolen-passphrase-hint = Wenn du eine gesetzt hast. Sie gilt dann auch neben der neuen Phrase; lässt du das leer, hat die neue Kopie keine.
stolen-do = Neue Schlüssel machen und die anderen aussperren
stolen-sure = Ich verstehe, dass meine Kontakte gewarnt werden
stolen-sure-needed = Bitte bestätige das zuerst.
stolen-without = Ohne meine Kontakte und Gespräche weitermachen. Sie lassen sich später nicht zurückholen. Dafür ist der Kontaktlink nötig.
rotate-title = Neue Schlüssel
rotate-lead = Ersetzt die Schlüssel dieser Identität, wenn du meinst, dass jemand sie gesehen haben könnte. Deine Wiederherstellungsphrase bleibt dieselbe.
rotate-do = Neue Schlüssel machen
rotate-sure-title = Neue Schlüssel machen?
rotate-explained = Alle Kontakte sehen eine deutliche Warnung, dass du neue Schlüssel hast, und sollten die Sicherheitsnummer noch einmal mit dir vergleichen. Andere Kopien dieser Identität werden ausgesperrt.
rotate-done = Du hast jetzt neue Schlüssel.
reminder = Bewahre deine Wiederherstellungsphrase auf. Ohne sie verlierst du mit diesem Browser deine Identität.
reminder-do = Jetzt aufbewahren
reminder-later = Später
locked-title = Diese Kopie ist ausgesperrt
locked = Die Schlüssel deiner Identität wurden anderswo ersetzt. Diese Kopie zeigt noch, was sie hat, kann aber nichts senden und bekommt nichts Neues.
locked-mine = Wenn du das warst, mach im anderen Browser weiter. Die Website-Daten hier kannst du löschen.
locked-not-mine = Wenn du das nicht warst, hat jemand deine Schlüssel oder deine Wiederherstellungsphrase. Hol deine Identität sofort zurück.
locked-banner = Diese Kopie ist ausgesperrt. Von hier kann nichts gesendet werden.
locked-more = Was heißt das?

# --- Herbringen -------------------------------------------------------------------------------------

welcome-have-one = Ich habe schon eine Identität
restore-title = Bring deine Identität her
restore-lead = Diese Seite darf von jedem Knoten kommen. Deine Identität muss nicht auf diesem sein.
restore-how = Was hast du?
restore-way-vault = Meine Wiederherstellungsphrase
restore-way-file = Eine Sicherungsdatei
restore-way-take-back = Meine Phrase, und jemand anderes hat eine Kopie
restore-vault-lead = Kontakte, Gespräche und Schlüssel kommen aus der Kopie auf deinem Knoten zurück. Deine Kontakte merken nichts.
restore-file-lead = Kontakte, Gespräche und Schlüssel kommen aus der Datei zurück. Sie öffnet sich mit deiner Wiederherstellungsphrase.
restore-take-back-lead = Was in der Kopie auf deinem Knoten ist, kommt zuerst zurück. Dann entstehen neue Schlüssel, alle anderen Kopien werden ausgesperrt, und deine Kontakte werden gewarnt.
restore-from = Dein Kontaktlink, oder die Adresse deines Knotens
restore-from-hint = Der Link, den du anderen gegeben hast, auch ein alter. Oder nur dein Knoten, wie https://node.example. Jeder deiner Knoten genügt.
restore-from-needed = Bitte gib einen Kontaktlink von dir oder die Adresse deines Knotens ein.
restore-file = Sicherungsdatei
restore-file-chosen = { $name }, { $size }
restore-file-needed = Bitte wähle die Sicherungsdatei.
restore-file-bad = Diese Datei kann nicht gelesen werden, oder sie ist für eine Sicherung zu groß.
restore-phrase-needed = Bitte gib die zwölf Wörter ein.
restore-do = Wiederherstellen
restore-back = Lieber eine neue Identität anlegen
restoring-title = Wird wiederhergestellt
restoring-lead = Deine Identität wird in diesen Browser gebracht.
restoring-asking = Deine Knoten werden nach der Kopie gefragt
restoring-downloading = Wird heruntergeladen und geöffnet ({ $done } von { $of })
recovering-title = Deine Identität wird zurückgeholt
recovering-fetching = Deine Einträge werden geholt und geprüft
recovering-keys = Neue Schlüssel entstehen
recovering-registering = Deine Knoten erfahren davon
recovering-banner = Deine neuen Schlüssel sind gemacht, aber noch keiner deiner Knoten weiß davon. Sie erfahren es, sobald einer antwortet. Die alte Phrase ist verbraucht: Schreib die neue jetzt auf.
recovering-more = Neue Phrase

# --- Sicherung --------------------------------------------------------------------------------------

backup = Sicherung und Export
backup-open = Sicherung und Export
backup-file-title = Sicherungsdatei
backup-file-lead = Alles in diesem Browser in einer verschlüsselten Datei. Sie öffnet sich mit deiner Wiederherstellungsphrase, auf jedem Knoten.
backup-file-do = Sicherungsdatei speichern
export-title = Gespräche zum Lesen
export-lead = Alle Gespräche als Datei. Sie ist nicht verschlüsselt: Wer sie hat, kann sie lesen.
export-html = Als Seite zum Lesen (HTML)
export-json = Mit Signaturen, für Programme (JSON-Zeilen)
export-missing = Hier fehlen Nachrichten.
export-unreadable = Etwas, das diese Version nicht zeigen kann.
export-name = Gespräche von { $name }
file-saving = Die Datei wird vorbereitet …
file-saved = { $name } ist bei deinen Downloads.
file-failed = Der Browser hat die Datei nicht gespeichert.

# --- Warnungen in einem Gespräch --------------------------------------------------------------------

fork-title = Jemand anderes benutzt vielleicht die Schlüssel von { $name }
fork-explained = Zwei Aussagen, die beide mit diesen Schlüsseln unterschrieben sind, widersprechen sich. Bis das geklärt ist, wird nichts gesendet. Frag auf einem anderen Weg nach, zum Beispiel am Telefon.
fork-trust = Mit den Schlüsseln weiter, die ich schon kannte

# --- Was schiefgehen kann ---------------------------------------------------------------------------

error-silent = ZeChat hat zu lange gebraucht. Nichts ist verloren; bitte versuche es noch einmal.
error-bad-name = Bitte wähle einen Namen mit 1 bis 64 Zeichen.
error-bad-link = Das ist kein Kontaktlink, oder ein Zeichen ging verloren. Kopiere ihn noch einmal, ganz.
error-link-too-new = Dieser Link stammt von einer neueren Version von ZeChat. Wechsle zu ihr, wenn diese Seite sie anbietet, oder öffne den Link auf der Seite des Knotens, den er nennt.
error-own-link = Das ist dein eigener Link. Gib ihn jemand anderem!
error-too-many-links =
    { $limit ->
        [one] { $limit } Link ist offen, mehr geht nicht. Widerrufe einen, den du nicht brauchst.
       *[other] { $limit } Links sind offen, mehr geht nicht. Widerrufe einen, den du nicht brauchst.
    }
error-empty-text = Es gibt noch nichts zu senden.
error-text-too-long = Das ist zu lang: Eine Nachricht fasst höchstens { $limit } Zeichen, in manchen Schriften weniger.
error-not-found = Das gibt es hier nicht mehr. Lade die Seite neu, um zu sehen, was da ist.
error-wrong-state = Das geht nicht mehr: Inzwischen hat sich etwas geändert. Sieh noch einmal nach und wiederhole es, wenn du es noch willst.
error-number-differs = Das ist eine andere Nummer. Wenn ihr beide seht, was ihr verglichen habt, könnte jemand dazwischen sein: Traue diesem Kontakt nicht, bis sie übereinstimmt.
error-no-identity = In diesem Browser ist noch keine Identität. Lege eine an oder bring deine her.
error-identity-exists = In diesem Browser ist schon eine Identität. Öffne die Seite neu, um sie zu verwenden.
error-not-connected = Du bist gerade nicht mit deinem Knoten verbunden. Versuche es, wenn du es bist.
error-node-unreachable = Dein Knoten ist nicht erreichbar. Prüfe deine Verbindung und die Adresse und versuche es noch einmal.
error-node-misbehaves = Dein Knoten hat etwas geantwortet, was kein Knoten sagen sollte. Versuche es später, oder nimm einen anderen Knoten.
error-clock-wrong = Die Uhren dieses Geräts und des Knotens gehen verschieden. Geht die des Geräts falsch, stelle sie und versuche es noch einmal.
error-their-node-unreachable = Ihr Knoten ist gerade nicht erreichbar. Versuche es später noch einmal.
error-identity-unknown = Ihr Knoten weiß nicht, wer das ist. Der Link ist vielleicht alt: Bitte um einen neuen.
error-locked-out = Deine Schlüssel wurden anderswo ersetzt, darum kann diese Kopie noch lesen, aber nicht mehr schreiben. Wenn du das nicht warst, hol deine Identität mit deiner Wiederherstellungsphrase zurück.
error-bad-node = Das ist keine Adresse eines Knotens. Frage, wer ihn betreibt; sie sieht aus wie https://node.example.
error-node-listed = Dieser Knoten ist schon einer von deinen. Wähle einen anderen.
error-too-many-nodes = Mehr Knoten kannst du nicht haben. Entferne zuerst einen.
error-last-node = Das ist der einzige Knoten, auf dem deine Kontakte Nachrichten abgeben können. Nimm zuerst einen anderen dazu.
error-wrong-phrase = Das ist eine Wiederherstellungsphrase, aber nicht die dieser Identität. Suche nach der richtigen.
error-identity-invalid = Was ihr Knoten über sie sagt, stimmt nicht. Traue diesem Link nicht; bitte auf einem anderen Weg noch einmal darum.
error-phrase-count = Eine Wiederherstellungsphrase hat 12 Wörter; das sind { $found }.
error-phrase-word = Wort { $number } ist kein Wort einer Wiederherstellungsphrase. Suche nach einem Tippfehler.
error-phrase-checksum = Ein Wort ist falsch, oder zwei sind vertauscht. Vergleiche jedes mit dem, was du aufgeschrieben hast.
error-wrong-passphrase = Die Phrase stimmt, die Passphrase nicht. Groß- und Kleinschreibung zählen.
error-no-vault = Kein Knoten zeigt etwas, das für diese Phrase gespeichert ist. War da etwas, hält es vielleicht ein Knoten zurück: Versuche die Adresse eines anderen deiner Knoten oder eine Sicherungsdatei.
error-vault-damaged = Was gespeichert war, ist beschädigt und wurde nicht verwendet. Versuche einen anderen deiner Knoten oder eine Sicherungsdatei.
error-vault-too-new = Das wurde von einer neueren Version von ZeChat gespeichert. Wechsle zu ihr, wenn diese Seite sie anbietet, oder nimm die Seite eines anderen Knotens.
error-vault-full = Auf deinem Knoten ist kein Platz mehr dafür. Frage, wer ihn betreibt, oder zieh zu einem anderen um.
error-phrase-not-kept = Du hast deine Wiederherstellungsphrase bestätigt, darum hat dieses Gerät die Wörter nicht mehr.
error-bad-origin = Das ist weder ein Kontaktlink noch die Adresse eines Knotens. Kopiere es noch einmal, ganz.
error-storage = Der Browser konnte es nicht speichern. Lade die Seite neu und versuche es noch einmal. Er sagt: { $detail }
error-no-room = Auf diesem Gerät ist kein Platz mehr dafür. Schaffe welchen und versuche es noch einmal. Was du geschrieben hast, ist noch da.
error-internal = In ZeChat ging etwas schief: { $detail }. Lade die Seite neu; wenn es bleibt, sag uns bitte mit diesen Worten Bescheid.

# Was ein Knoten antwortet, nach seinem festen Kürzel.
problem =
    { $code ->
        [own-node-misbehaves] ZeChat hat hier aufgegeben: Der Knoten hat etwas geantwortet, was kein Knoten sagen sollte. Versuche es später, oder nimm einen anderen Knoten.
        [own-wrong-node] ZeChat hat sich nicht angemeldet: Unter dieser Adresse antwortet ein anderer Knoten. Frage, wer ihn betreibt, was sich geändert hat.
        [own-last-node] ZeChat behält ihn: Es ist der einzige Knoten, auf dem deine Kontakte Nachrichten abgeben können. Nimm zuerst einen anderen dazu.
        [own-not-found] ZeChat hat den Kontakt nicht mehr, für den das war.
        [own-wrong-state] ZeChat hat es nicht gesendet: Der Kontakt ist blockiert oder hat nicht mehr zugesagt.
        [own-bad-node] ZeChat hat es nicht gesendet: Die Adresse des Knotens dieses Kontakts ist keine. Bitte um einen neuen Link.
        [own-no-postage] ZeChat hat es nicht gesendet: Der andere Knoten sagt nicht, was eine erste Nachricht kostet. Versuche es später noch einmal.
        [own-internal] In ZeChat selbst ging etwas schief. Lade die Seite neu und versuche es noch einmal.
        [malformed] Der Knoten hat ZeChat nicht verstanden. Einer von beiden braucht eine neue Version: Wechsle, wenn diese Seite eine anbietet, oder frag, wer den Knoten betreibt.
        [too_large] Das war dem Knoten zu groß.
        [not_found] Der Knoten hat es nicht.
        [unknown_mailbox] Ihr Knoten sagt, dass es das Postfach nicht mehr gibt: Vielleicht bist du blockiert, oder sie sind umgezogen.
        [mailbox_moved] Ihr Knoten sagt, dass sie umgezogen sind, und noch sagt niemand, wohin. Versuche es später noch einmal.
        [mailbox_full] Ihr Knoten sagt, dass ihr Postfach voll ist. Versuche es noch einmal, wenn sie da waren.
        [node_full] Der Knoten sagt, dass er keinen Platz mehr hat. Versuche es später noch einmal.
        [wrong_size] Der Knoten hat die Größe der Nachricht abgelehnt. Einer von beiden braucht eine neue Version: Wechsle, wenn diese Seite eine anbietet, oder frag, wer den Knoten betreibt.
        [postage_required] Ihr Knoten will mehr Rechenarbeit für eine erste Nachricht, als mitgeschickt wurde. Versuche es noch einmal: ZeChat leistet sie dann.
        [invalid_signature] Der Knoten sagt, dass die Unterschrift nicht passt. Lade die Seite neu und versuche es noch einmal.
        [invalid_record] Der Knoten sagt, dass die Einträge dieser Identität gegen die Regeln sind. Lade die Seite neu und versuche es noch einmal.
        [stale_record] Der Knoten hat einen neueren Stand dieser Identität, von einer anderen Kopie.
        [forked_record] Der Knoten hat eine andere Geschichte dieser Identität. Vielleicht benutzt jemand deine Schlüssel: Hol deine Identität zurück, wenn du das nicht warst.
        [stale_key_package] Der Knoten hat einen neueren Schlüssel dieser Identität, von einer anderen Kopie.
        [registration_closed] Der Knoten nimmt niemanden mehr auf. Wähle einen anderen.
        [invite_required] Der Knoten nimmt nur Leute mit Einladung auf. Bitte den Betreiber um eine.
        [invite_invalid] Der Knoten sagt, dass die Einladung verbraucht, zu alt oder nicht von ihm ist. Bitte um eine neue.
        [account_blocked] Der Betreiber des Knotens hat diese Identität gesperrt. Du kannst zu einem anderen Knoten umziehen.
        [node_closing] Der Knoten wird geschlossen. Zieh zu einem anderen um.
        [not_this_node] Der Knoten sagt, dass er nicht zu dieser Identität gehört. Füge ihn noch einmal hinzu, oder nimm einen anderen.
        [unauthorized] Der Knoten lässt diese Identität nicht herein. Frag, wer ihn betreibt, oder nimm einen anderen.
        [key_replaced] Der Knoten sagt, dass die Schlüssel dieser Identität ersetzt wurden: Diese Kopie ist ausgesperrt.
        [login_expired] Der Knoten sagt, dass die Uhr dieses Geräts falsch geht. Stelle sie und versuche es noch einmal.
        [unknown_identity] Der Knoten kennt diese Identität nicht. Füge ihn noch einmal hinzu, oder nimm einen anderen.
        [vault_full] Der Knoten hat keinen Platz mehr für die Kopie.
        [stale_vault] Der Knoten hat eine neuere Kopie, von einem anderen Gerät. Es wird von selbst wieder versucht.
        [missing_chunk] Der Knoten hat einen Teil der Kopie verloren. Er wird von selbst noch einmal gesendet.
        [peer_refused] Die beiden Knoten sprechen nicht miteinander. Das entscheidet, wer sie betreibt.
        [peer_unreachable] Dein Knoten sagt, dass der andere nicht erreichbar ist. Es wird von selbst wieder versucht.
        [peer_misbehaves] Dein Knoten sagt, dass der andere etwas geantwortet hat, was kein Knoten sagen sollte.
        [private_address] Dein Knoten erlaubt die Adresse des anderen nicht: Sie gehört zu einem privaten Netz. Frag, wer deinen Knoten betreibt.
        [rate_limited] Der Knoten sagt, dass das zu viel auf einmal war. Warte ein wenig.
        [too_many_connections] Der Knoten hat zu viele Verbindungen. Warte ein wenig.
        [undeliverable] Dein Knoten konnte den anderen zwei Tage lang nicht erreichen. Versuche es später noch einmal.
        [cannot_open] Ihr Knoten konnte es nicht öffnen: Sein Schlüssel ist ein anderer. Versuche es noch einmal.
        [unavailable] Der Knoten sagt, dass er gerade nicht verfügbar ist. Versuche es später noch einmal.
        [internal] Der Knoten sagt, dass bei ihm etwas schiefging. Versuche es später noch einmal.
       *[other] Der Knoten hat es abgelehnt ({ $code }).
    }

# --- Sperre -----------------------------------------------------------------------------------------

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

# --- Mehrere Identitäten ----------------------------------------------------------------------------

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
other-program = Eine neuere Version von ZeChat ist bereit. Deine Entwürfe in Gesprächen bleiben.
other-program-switch = Wechseln
