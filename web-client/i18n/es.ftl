# Español.

app-name = ZeChat

# --- Inicio -----------------------------------------------------------------------------------------

opening = Abriendo tus mensajes…
engine-silent-title = ZeChat no responde
engine-silent = La parte que guarda tus mensajes no ha arrancado. Quizá la tenga otra pestaña: cierra las demás pestañas de ZeChat y vuelve a intentarlo. No se ha perdido nada.
engine-broken-title = ZeChat no puede funcionar aquí
engine-broken = El navegador ha detenido la parte que guarda tus mensajes. En una ventana privada, o con los datos de sitios prohibidos, no se puede guardar nada.
engine-broken-detail = El navegador dice: { $detail }
engine-full-title = No queda espacio
engine-full = En este dispositivo no hay espacio para lo que guarda ZeChat. Libera un poco y vuelve a cargar la página. No se ha perdido nada.
engine-newer-title = Esta página es demasiado antigua
engine-newer = Una versión más nueva de ZeChat guarda aquí tus mensajes. Cierra las demás pestañas de ZeChat y vuelve a cargar la página para tener esa versión. No se ha perdido nada.
engine-damaged-title = Lo guardado aquí no se puede leer
engine-damaged = El navegador ha perdido una parte, o algo la ha cambiado. A tu identidad no le pasa nada.
engine-damaged-way = Si volver a cargar la página no ayuda, borra lo guardado aquí y recupera tu identidad con la frase de recuperación o un archivo de copia. Los mensajes que no se recogieron esperan en tu nodo.
try-again = Volver a intentar
reload = Cargar de nuevo
missing-storage = Este navegador, o su modo actual, no tiene almacenamiento para sitios (IndexedDB). ZeChat guarda ahí tus claves y mensajes y no puede funcionar sin él. Prueba con una ventana normal en vez de una privada.
missing-locks = Este navegador es demasiado antiguo para ZeChat: no tiene Web Locks. Prueba con un Firefox, Chrome, Edge o Safari actual.
missing-channel = Este navegador es demasiado antiguo para ZeChat: no tiene BroadcastChannel. Prueba con un Firefox, Chrome, Edge o Safari actual.
missing-secure-context = Esta página llegó por una conexión sin proteger, donde los navegadores no permiten la criptografía. Ábrela con https.

# --- Bienvenida -------------------------------------------------------------------------------------

welcome-title = Habla con libertad.
welcome-lead = Mensajes privados entre tú y tu gente. Sin número de teléfono, sin contraseña, sin empresa de por medio: elige un nombre y empieza.
welcome-invited-title = Alguien quiere hablar contigo
welcome-invited-lead = Elige un nombre y podrás escribirle enseguida. Sin teléfono, sin correo, sin instalar nada.
welcome-invited = Te han invitado a conversar
welcome-name = Tu nombre
welcome-name-hint = Lo verán las personas a quienes escribas. Puedes cambiarlo cuando quieras.
welcome-name-needed = Escribe un nombre de 64 caracteres como máximo.
welcome-create = Empezar
welcome-advanced = Usar otro nodo
welcome-node = Dirección de tu nodo
welcome-node-hint = Un nodo guarda tu correo hasta que lo recoges, y no puede leerlo. Si no pones una dirección, es { $node }.
welcome-node-placeholder = https://
welcome-node-wrong = Esa no es la dirección de un nodo. Empieza por https://
welcome-elsewhere = ¿Ya estás en ZeChat en otra dirección?
welcome-elsewhere-hint = Copia esta invitación, abre tu ZeChat y pégala en «Contacto nuevo».
welcome-copy-invitation = Copiar la invitación
welcome-point-keys = Tus claves se crean aquí y nadie más puede leerlas
welcome-point-nodes = Funciona entre nodos; múdate cuando quieras
welcome-point-lost = Nada se pierde en silencio

creating-title = Creando tu identidad
creating-lead = Se crea aquí, en este navegador. Tarda unos segundos, una sola vez.
creating-meeting-node = Conociendo a tu nodo
creating-signing-key = Creando la clave que firma por ti
creating-sealing-key = Creando la clave que abre tu correo
creating-record = Escribiendo tu primer registro
creating-registering = Dándote de alta en tu nodo
creating-step-done = hecho
creating-step-now = en curso
creating-step-later = pendiente
creating-failed = No ha funcionado

# --- Personas y nodos -------------------------------------------------------------------------------

contact-new = Contacto nuevo · { $node }
me = Tú

# --- Conversaciones ---------------------------------------------------------------------------------

conversations = Conversaciones
conversations-empty-title = Aquí reina la calma
conversations-empty = Envía tu enlace a alguien o abre el suyo. Así podréis hablar.
new-contact = Contacto nuevo
settings = Ajustes
requests = Solicitudes
requests-count =
    { $count ->
        [one] { $count } solicitud
       *[other] { $count } solicitudes
    }
unread =
    { $count ->
        [one] { $count } mensaje sin leer
       *[other] { $count } mensajes sin leer
    }
unread-many = 99+
title-unread = ({ $count }) ZeChat
preview-draft = Borrador:
preview-mine = Tú:
preview-blocked = Bloqueado
preview-gap = Faltan mensajes
preview-newer = Un mensaje para una versión más nueva
preview-cannot-open = Un mensaje que no se puede abrir
preview-connected = Ya podéis hablar
preview-broken = Aquí hay algo que no cuadra
preview-moved = Se ha mudado a otro nodo
preview-key-changed = Usa claves nuevas
preview-forked = Aviso: puede que alguien más use sus claves
preview-fork-settled = Ya puedes volver a escribir
preview-deleted = Mensaje eliminado
preview-expired = Un mensaje que ha desaparecido
preview-nothing = Todavía no hay nada escrito
detail-first-title = Empieza tu primera conversación
detail-first = Da tu enlace a alguien o abre el suyo.
detail-empty-title = Elige una conversación
detail-empty = O empieza una nueva: da tu enlace a alguien.

# --- Enlace -----------------------------------------------------------------------------------------

link-title = Tu enlace
link-lead = Quien lo abra puede pedir escribirte. No contiene ningún nombre ni secreto.
link-qr = Código QR de tu enlace de contacto
links-title = Enlaces para una persona
links-lead = Un enlace para alguien concreto: cuando te lo pida, verás por qué enlace llegó. Sirve una vez, y puedes retirarlo.
links-label = Para quién es (opcional)
links-label-hint = Solo tú lo ves.
links-many = Sirve a todos los que lo tengan, hasta que lo revoque
links-make = Crear un enlace
links-list = Enlaces abiertos
links-unnamed = Sin nombre
links-once = Sirve una vez
links-until-revoked = Sirve hasta que lo revoques
links-made = Creado: { $time }
links-show = Mostrar código
links-qr = Código QR del enlace: { $name }
links-revoke = Revocar
links-revoke-title = ¿Revocar el enlace «{ $name }»?
links-revoke-explained = Quien lo abra a partir de ahora pedirá como cualquier otro. Quienes llegaron por él se quedan.
copy = Copiar
copied = Copiado
copy-failed = El navegador no lo ha permitido. Selecciona el texto y cópialo a mano.
share = Compartir
share-text = Escríbeme en ZeChat
paste-title = ¿Alguien te ha dado un enlace o un código?
paste-label = Su enlace
paste-placeholder = https://…/i#…
paste-open = Abrir
paste-looking = Buscando…

# --- Vista previa y primer mensaje ------------------------------------------------------------------

preview-title = Saluda
preview-lead = Verá tu nombre y este mensaje, y decidirá si responde. Su nombre llega con la respuesta.
preview-node = Nodo
preview-fingerprint = Huella
first-message = Tu primer mensaje
first-message-placeholder = ¡Hola! Soy { $name }.
first-message-send = Enviar solicitud
asked-notice = Esperando a que acepte. Lo que escribas mientras tanto se entregará en cuanto lo haga.
invite-opening = Buscando quién te ha invitado…
invite-failed = No se ha podido abrir la invitación
home = A tus conversaciones
gone-title = Esta conversación no está aquí
gone = Puede que se haya eliminado, o que sea de otro navegador.

# --- Solicitudes ------------------------------------------------------------------------------------

requests-title = Solicitudes
requests-lead = Personas que aún no conoces. No saben nada hasta que aceptes: ni que has leído esto ni que estás ahí.
requests-empty-title = Ninguna solicitud
requests-empty = Cuando alguien abra tu enlace y te escriba, lo decides aquí.
request-says = dice llamarse
request-unnamed = Alguien sin nombre
request-accept = Aceptar
request-refuse = Rechazar
request-block = Bloquear
request-arrived = Llegó { $time }
request-by-link = por el enlace que creaste para «{ $name }»
request-by-unnamed-link = por un enlace que creaste
request-note = Los nombres son lo que la gente dice de sí misma. Compara después el número de seguridad para salir de dudas.

# --- Conversación -----------------------------------------------------------------------------------

back = Atrás
messages-with = Mensajes con { $name }
loading-newer = Cargando mensajes más nuevos…
is-typing = está escribiendo…
message-options = Opciones
message-react = Reaccionar
message-reply = Responder
message-copy = Copiar el texto
message-edit = Modificar
message-info = Detalles
message-delete = Eliminar
emoji-choose = Elegir un emoji
emoji-more = Más emojis
sign-mine = Tú: { $sign }. Quitar
sign-theirs = { $name }: { $sign }
quote-gone = Un mensaje que ya no está aquí
quote-jump = Ir al mensaje respondido
replying = Respondiendo
editing = Modificando tu mensaje
edit-save = Guardar el cambio
entry-edited = modificado
entry-disappears = Desaparece
delete-title = ¿Eliminar este mensaje?
delete-explained = Para ambos: se pide a su dispositivo que también lo elimine, y verás si lo hizo. No recupera lo ya leído o copiado.
delete-here-explained = Se elimina de este navegador. La otra persona lo conserva.
delete-here = Eliminar aquí
delete-both = Eliminar para ambos
info-title = Detalles
info-loading = Consultando…
info-sent = Escrito
info-stored = Llegó aquí
info-expires = Desaparece
info-versions = Textos anteriores
info-until = hasta { $time }
timer-title = Mensajes temporales
timer-explained = Los mensajes nuevos de ambos se eliminan en los dos lados pasado este tiempo desde el envío. Se avisa a la otra persona. Lo que ya está aquí se queda.
timer-off = Desactivados
pin = Fijar
unpin = Dejar de fijar
pinned = Fijado
mute = Silenciar
mute-hours = Silenciar 8 horas
tell = Decir que leo y escribo
tell-nothing = No decir nada de leer y escribir
unmute = Dejar de silenciar
muted = Silenciado
archive = Archivar
unarchive = Sacar del archivo
filters = Qué conversaciones
filter-all = Todas
filter-unread = Sin leer
filter-unanswered = Sin responder
filter-archived = Archivadas ({ $count })
filter-none = Aquí no hay nada.
search-label = Buscar mensajes
search-clear = Borrar la búsqueda
search-none = No se ha encontrado nada.
search-more = Hay más: se muestran los más nuevos.
search-where = Se busca en los mensajes de este navegador, sin preguntar a nadie.
search-count =
    { $count ->
        [0] No se ha encontrado nada.
        [one] { $count } mensaje encontrado.
       *[other] { $count } mensajes encontrados.
    }
message-from = { $name }, { $time }: { $text }
loading-messages = Cargando mensajes…
loading-older = Cargando mensajes anteriores…
older-failed = No se han podido cargar los mensajes anteriores.
messages-failed = No se han podido cargar los mensajes.
messages-empty = Aún no hay mensajes. ¡Saluda!
beginning = Aquí empezó vuestra conversación.
day-today = Hoy
day-yesterday = Ayer
unread-here = Mensajes nuevos
jump-unread = Ir al mensaje sin leer de más arriba
jump-latest = Ir al último mensaje
jump-latest-count =
    { $count ->
        [one] { $count } mensaje nuevo más abajo
       *[other] { $count } mensajes nuevos más abajo
    }
state-accepted = Cifrado de extremo a extremo
state-asked = Aún no ha aceptado
state-asking = Quiere hablar contigo
state-blocked = Bloqueado
state-resolved = Aún no le has escrito
verify = Número de seguridad
conversation-menu = Más
contact-name = Nombre para este contacto
contact-name-hint = Solo lo ves tú. Déjalo vacío para usar el nombre que se da a sí mismo.
clear = Vaciar la conversación
clear-title = ¿Vaciar la conversación con { $name }?
clear-explained = Todos sus mensajes se eliminan de este navegador. Lo que espera a ser aceptado no se envía; lo que ya está en camino llega. La otra persona conserva los suyos; seguís en contacto.
block = Bloquear
block-title = ¿Bloquear a { $name }?
block-explained = Ya no podrá escribirte; lo que envíe se descarta. No se le avisa. Puedes deshacerlo más tarde.
block-really = Bloquear
unblock = Desbloquear
cancel = Cancelar
close = Cerrar

delivery-waiting = En espera: aún no está en tu nodo
delivery-waiting-for-acceptance = Esperando a que acepte
delivery-sent = Enviado: lo tiene tu nodo
delivery-on-their-node = En su nodo
delivery-delivered = Entregado
delivery-read = Leído
delivery-failed = No entregado
delivery-failed-why = No entregado. { $reason }
retry = Reintentar

entry-gap =
    { $missing ->
        [one] Aquí falta { $missing } mensaje. Todavía puede llegar.
       *[other] Aquí faltan { $missing } mensajes. Todavía pueden llegar.
    }
entry-newer = Este mensaje necesita una versión más nueva de ZeChat. Se verá cuando esta página haya cambiado a una.
entry-cannot-open = Llegó un mensaje que no se puede abrir aquí. Pide que te lo envíe otra vez.
entry-deleted-by-them = Su autor eliminó este mensaje.
entry-deleted-there = Eliminaste este mensaje, y su dispositivo también.
entry-deleted-asked = Eliminaste este mensaje. Su dispositivo aún no ha confirmado que también lo hizo.
entry-deleted-failed = Eliminaste este mensaje aquí. No se pudo avisar: allí sigue.
entry-expired = Aquí hubo un mensaje temporal. Su tiempo terminó antes de llegar.
entry-timer = Los mensajes nuevos desaparecen { $time } después de enviarse.
entry-timer-off = Los mensajes nuevos se conservan.
lifetime =
    { $unit ->
        [week] { $count ->
            [one] { $count } semana
           *[other] { $count } semanas
        }
        [day] { $count ->
            [one] { $count } día
           *[other] { $count } días
        }
        [hour] { $count ->
            [one] { $count } hora
           *[other] { $count } horas
        }
        [minute] { $count ->
            [one] { $count } minuto
           *[other] { $count } minutos
        }
       *[second] { $count ->
            [one] { $count } segundo
           *[other] { $count } segundos
        }
    }
entry-connected = Estáis conectados. Solo vosotros dos podéis leer lo que escribáis aquí.
entry-moved = Se ha mudado a otro nodo. No tienes que hacer nada.
entry-key-changed = Desde aquí usa claves nuevas. Si no lo esperabas, comparad el número de seguridad.
entry-recovered = Recuperó su identidad con su frase de recuperación, porque sus claves se perdieron o se las robaron. Comparad el número de seguridad antes de fiarte de lo que sigue.
entry-forked = Aviso: dos declaraciones suyas se contradicen. Puede que alguien más use sus claves. No se le envía nada hasta que se aclare; pregúntale por otra vía.
entry-fork-recovered = Lo aclaró con su frase de recuperación. Ya puedes escribir; comparad antes el número de seguridad.
entry-fork-decided = Elegiste seguir con las claves que ya conocías.
entry-broken = Lo que sigue contradice lo que envió antes. Puede que alguien lo haya falsificado, o que su dispositivo volviera a un estado anterior. Comparad el número de seguridad antes de fiarte.

composer-label = Mensaje para { $name }
composer-placeholder = Escribe un mensaje
composer-send = Enviar
composer-near =
    { $left ->
        [one] queda como mucho { $left } carácter
       *[other] quedan como mucho { $left } caracteres
    }
composer-over =
    { $over ->
        [one] sobra { $over } carácter
       *[other] sobran { $over } caracteres
    }
composer-blocked = Has bloqueado este contacto.
composer-asking = Ha pedido escribirte.

safety-title = Número de seguridad
safety-lead = Compara estos números con { $name }, de viva voz o en persona. Si ambos veis los mismos, no hay nadie en medio.
safety-unverified = Hasta que lo compares, confías en que el enlace o el primer mensaje vino de verdad de esa persona.
safety-qr = Código QR del número de seguridad
safety-same = Son iguales
safety-scan = Leer su código
safety-verified = Lo has comparado: es quien crees. Sigue valiendo si se muda a otro nodo.
safety-changed = Alguno de los dos tiene claves nuevas desde que lo comparaste. Compáralo otra vez antes de fiarte.
safety-unverify = Ya no lo tengo claro
verified = Verificado
verified-no-more = Comparado antes, pero las claves son nuevas
scan-camera = Usar la cámara
scan-picture = Elegir una imagen
scan-looking = Pon el código delante de la cámara.
scan-no-camera = No hay cámara, o el navegador no tiene permiso para usarla. También sirve una imagen del código.
scan-none = En esta imagen no hay ningún código legible.
scan-unreadable = Este archivo no es una imagen que el navegador pueda leer.
scan-no-reader = No se ha podido cargar la parte de ZeChat que lee códigos. Inténtalo de nuevo cuando tengas conexión.
safety-loading = Calculando…

# --- Conexión ---------------------------------------------------------------------------------------

connection-connecting = Conectando…
connection-online = Conectado
connection-idle = Sin conexión
connection-offline-short = Sin conexión
connection-refused-short = Rechazado
connection-offline =
    { $seconds ->
        [0] Sin conexión. Intentándolo de nuevo. Lo que escribas se guarda y se envía después.
       *[other] Sin conexión. Próximo intento en { $seconds } s. Lo que escribas se guarda y se envía después.
    }
connection-try-now = Intentar ahora
connection-refused = { $problem } Lo que escribas se guarda.
tombstones =
    { $count ->
        [one] Tu nodo tuvo que eliminar { $count } mensaje que no se recogió a tiempo (del { $from } al { $to }). Pide a tus contactos que te lo envíen otra vez.
       *[other] Tu nodo tuvo que eliminar { $count } mensajes que no se recogieron a tiempo (del { $from } al { $to }). Pide a tus contactos que te los envíen otra vez.
    }
dropped-unreadable =
    { $count ->
        [one] No se pudo abrir { $count } mensaje, y no se sabe de quién era. Quien lo envió puede repetirlo.
       *[other] No se pudieron abrir { $count } mensajes, y no se sabe de quién eran. Quienes los enviaron pueden repetirlos.
    }
dropped-too-many =
    { $count ->
        [one] Se dejó fuera { $count } primer mensaje de un desconocido, porque había demasiados en espera.
       *[other] Se dejaron fuera { $count } primeros mensajes de desconocidos, porque había demasiados en espera.
    }
tombstones-dismiss = Entendido

# --- Ajustes ----------------------------------------------------------------------------------------

settings-profile = Perfil
settings-name = Tu nombre
settings-name-hint = Tus contactos se enteran de un cambio al momento.
settings-name-save = Guardar
settings-name-saved = Guardado
settings-privacy = Privacidad
settings-receipts = Enviar confirmaciones
settings-receipts-hint = Dice a tus contactos cuándo llegaron sus mensajes y cuándo los leíste. Desactivado significa que no se envía nada. Los desconocidos nunca reciben ninguna.
settings-typing = Mostrar que escribes
settings-typing-hint = Dice a los contactos conectados que estás escribiendo, y muestra cuándo lo hacen ellos. Desactivado significa que no se envía nada.
settings-asking = Quién puede pedir escribirte
settings-asking-any = Todos los que tengan un enlace mío
settings-asking-made = Solo con un enlace que creé para ello
settings-asking-hint = Quien lo pida sin uno, o por uno usado o revocado, no se muestra, y no lo nota. Los contactos siguen como están.
settings-notify = Notificaciones
notify-off = Ninguna
notify-quiet = Que hay un mensaje
notify-name = Quién escribe
notify-text = Quién escribe, y el mensaje
notify-hint = Llegan mientras ZeChat está abierto en una pestaña. Las conversaciones silenciadas y los desconocidos nunca avisan.
notify-denied = El navegador no permite que esta página avise. Puedes cambiarlo en sus ajustes para este sitio.
notify-missing = Este navegador no tiene notificaciones para páginas.
notice-message = Mensaje nuevo
settings-look = Texto y contraste
text-size = Tamaño del texto
text-size-small = Pequeño
text-size-normal = Normal
text-size-large = Grande
text-size-largest = Muy grande
contrast = Más contraste
settings-language = Idioma
language-browser = El del navegador
settings-storage = Almacenamiento
storage-used = Usado en este navegador
storage-room = Espacio libre
storage-kept = El navegador ha prometido no borrarlo cuando le falte espacio.
storage-not-kept = El navegador podría borrarlo cuando le falte espacio. Instalar ZeChat, o usarlo a menudo, puede cambiarlo.
amount =
    { $unit ->
        [giga] { $whole },{ $rest } GB
        [mega] { $whole },{ $rest } MB
       *[kilo] { $whole },{ $rest } kB
    }
settings-danger = Zona de peligro
danger-explained = Elimina de este navegador tu identidad, tus claves y todos los mensajes. No se avisa a tu nodo ni a tus contactos.
danger-delete = Eliminar todo aquí
danger-title = ¿Eliminar todo lo que hay en este navegador?
danger-consequences = Sin la frase de recuperación o una copia de seguridad nadie puede recuperarlo: ni tú, ni tu nodo, ni nosotros.
danger-sure = Tengo lo que necesito, o no necesito nada de esto.
keys-title = Teclas
keys-sheet = Esta lista
keys-search = Buscar
keys-send = Enviar
keys-line = Una línea nueva
keys-conversations = A otra conversación de la lista
keys-close = Cerrar un diálogo, descartar un cambio
keys-messages = Sobre un mensaje
keys-messages-hint = Pulsa el tabulador hasta que los mensajes tengan el foco, y después una flecha.
keys-move = A otro mensaje
keys-single = Las teclas solas, sin Ctrl ni Alt, dan órdenes
settings-appearance = Apariencia
appearance-system = Sistema
appearance-light = Claro
appearance-dark = Oscuro
settings-identity = Identidad y nodo
settings-node = Nodo principal
settings-connection = Conexión
settings-fingerprint = Huella
settings-identity-id = Identificador
settings-about = Acerca de
settings-version = Versión
settings-build = Compilación
settings-build-unknown = compilación de desarrollo
settings-licence = Licencia
settings-licence-text = Apache-2.0 o MIT. Iconos de Lucide, licencia ISC.
settings-licences = Bibliotecas y sus licencias
settings-keys-note = Tus claves y mensajes están en este navegador y, cifrados, en tus nodos. Borrar los datos del sitio elimina lo que hay aquí.

# --- Nodos y mudanza --------------------------------------------------------------------------------

nodes = Tus nodos
nodes-lead = Un nodo guarda tu correo hasta que lo recoges. No puede leerlo. Puedes mudarte a otro cuando quieras: tus contactos te siguen solos.
nodes-open = Nodos y mudanza
nodes-move = Mudarse a otro nodo
nodes-add = Añadir un segundo nodo
nodes-add-lead = Con dos nodos, los mensajes te llegan aunque uno no esté.
nodes-add-do = Añadir este nodo
nodes-empty-title = Aún sin nodo
nodes-empty = Tu identidad no está en ningún nodo. Los mensajes no pueden llegarte.
node-joining = Preparándose
node-active = En uso
node-draining = Vaciándose
node-leaving = Despidiéndose
node-joining-means = Se le está diciendo quién eres. Tus contactos aún no lo usan.
node-active-means = Tus contactos dejan aquí sus mensajes.
node-draining-means = Tus contactos ya usan otro nodo. Se recoge lo que queda aquí.
node-draining-until = Tus contactos ya usan otro nodo. Se recoge lo que todavía llegue aquí. Se quita solo el { $day }.
node-leaving-means = Se le está diciendo que te has ido, para que indique el camino a quien llegue tarde. No hay nada que hacer.
node-forget = Olvidarlo
node-priority = Orden
node-order = Se prueba en el puesto { $number }
node-drain = Dejar de usarlo
node-keep = Volver a usarlo
node-remove = Quitarlo ya
node-remove-title = ¿Quitar { $node } ya?
node-remove-explained = Se renuncia a los mensajes que sigan allí sin recoger. Hazlo cuando el nodo ya no exista o no te fíes de él. Si no, espera: se quita solo cuando esté vacío.
node-remove-really = Quitarlo
node-prefer = Usarlo primero
node-closing = Este nodo se cierra el { $day }. Múdate antes: lo que quede allí se perderá.
node-closing-banner = Tu nodo { $node } se cierra el { $day }. Múdate antes a otro.
node-problem = Último problema: { $problem }
node-called = Nombre
node-address-label = Dirección del nodo, o una invitación a él
node-keeps = Guarda el correo durante
node-room = Espacio
node-room-is = { $size }, { $count } mensajes
node-vault-room = Espacio para la copia cifrada
node-people = Gente nueva
node-software = Programa
node-open = Cualquiera
node-invite = Con invitación
node-closed = Nadie
node-days =
    { $days ->
        [one] { $days } día
       *[other] { $days } días
    }
node-look = Verlo
node-looking = Preguntando al nodo…
node-away = No hay ningún nodo en esta dirección, o ahora no se puede llegar a él.
node-facts-loading = Preguntando por sus límites…
node-facts-failed = No se le ha podido preguntar por sus límites.
node-listed = Este nodo ya es uno de los tuyos.
node-takes-nobody = Este nodo no admite a nadie nuevo. Elige otro.
node-needs-invite = Este nodo solo admite gente con invitación. Pega la invitación en lugar de la dirección.
node-keeps-short = Este nodo elimina el correo pasados { $kept }. Si estás fuera más tiempo se pierden mensajes, y se te dice cuántos.
size-bytes = { $count } bytes
size-kilobytes = { $count } kB
size-megabytes = { $count } MB

move-title = Mudarse
move-lead = Tu identidad, tus contactos y tus mensajes se quedan como están. Tus contactos no hacen nada, y ven una línea discreta.
move-to-title = 1. ¿Adónde?
move-from-title = 2. ¿Desde qué nodo?
move-from-only = Dejas { $node }.
move-do = Mudarse a { $node }
move-dead = Puede que el nodo antiguo ya no exista: la mudanza funciona igual.
move-step-join = El nodo nuevo te conoce
move-step-empty = Tus contactos usan el nodo nuevo, y el antiguo se vacía
move-step-leave = Se deja el nodo antiguo
move-under-way-title = Te estás mudando
move-under-way-from-to = De { $from } a { $to }
move-under-way-to = A { $to }
move-under-way-from = Fuera de { $from }
move-join-now = Tarda unos segundos. Mientras tanto los mensajes siguen llegando al nodo antiguo.
move-join-silent = El nodo nuevo no responde ahora. Se volverá a intentar solo; para tus contactos no ha cambiado nada.
move-empty-now = Te has mudado. Hasta el { $day } todavía pueden llegar mensajes al nodo antiguo; se recogen siempre que ZeChat esté abierto. No hace falta que te quedes en esta página.
move-empty-now-open = Te has mudado. Todavía pueden llegar mensajes al nodo antiguo; se recogen siempre que ZeChat esté abierto. No hace falta que te quedes en esta página.
move-refused = No te has mudado, y para tus contactos no ha cambiado nada.
move-silent = { $node } no responde. Si ya no existe, no tienes que esperarlo.
move-waits-title = El nodo antiguo
move-waits = Se vacía y se quita solo. No hay nada que hacer.
move-page = Esta misma página viene de { $node }, y tu navegador guarda tus mensajes bajo su dirección. Cuando ese nodo ya no esté, abre ZeChat desde tu nodo nuevo y restaura allí. Ten a mano tu frase de recuperación.
move-stop = Quedarse en el nodo antiguo
move-done-title = Te has mudado
move-done = Ahora tu nodo es { $node }. Todo lo demás sigue como estaba.
move-again = Mudarse otra vez

# --- Recuperación -----------------------------------------------------------------------------------

recovery = Recuperación
recovery-open = Frase de recuperación y copia
recovery-lead = Tus claves y mensajes están en este navegador y, cifrados, en tus nodos. Si se pierde el navegador, doce palabras y la dirección de uno de tus nodos lo devuelven todo.
phrase-title = Frase de recuperación
phrase-lead = Escribe las palabras y la dirección que está debajo, o guarda ambas en un gestor de contraseñas. Quien tenga las palabras tiene tu identidad; nadie puede volver a dártelas.
phrase-show = Mostrar las palabras
phrase-words = Las palabras de tu frase de recuperación
phrase-copy = Copiar palabras y dirección
phrase-where = Dirección de tu nodo, necesaria con las palabras
phrase-written = Ya las he guardado
phrase-kept-not = Confirmaste la frase, así que este navegador ha olvidado las palabras. Solo están donde las guardaste.
phrase-confirmed = Confirmada: tu copia se abrió con estas palabras.
phrase-unconfirmed = Aún sin confirmar
phrase-field = Frase de recuperación
phrase-field-hint =
    { $count ->
        [0] Doce palabras. Puedes pegarlas o usar un gestor de contraseñas.
        [12] Doce palabras.
       *[other] { $count } de 12 palabras
    }
phrase-prove-title = Comprueba que funcionan
phrase-prove-lead = Se descarga la copia de tu nodo y se abre de verdad con las palabras tal como las guardaste.
phrase-prove = Comprobar
secret-show = Mostrar
secret-hide = Ocultar
devices = Tus otros dispositivos
devices-none = Solo este navegador guarda en la copia.
device = Dispositivo { $mark }
devices-unknown = Si no conoces alguno de ellos, recupera tu identidad.
prove-again-title = ¿Funciona la copia?
prove-again-lead = Se descarga la copia de tu nodo y se abre de verdad.
prove-working = Descargando y abriendo…
proof-title = Funciona
proof-found = Contiene la identidad { $name }.
proof-contacts = Contactos
proof-messages = Mensajes
proof-newest = Mensaje más nuevo
proof-saved = Guardada
proof-size = Tamaño
proof-devices = Escrita por
proof-devices-are =
    { $count ->
        [one] { $count } dispositivo
       *[other] { $count } dispositivos
    }
vault-title = Copia en tus nodos
vault-lead = Una copia cifrada de todo lo que hay en este navegador. Tus nodos la guardan y no pueden leerla.
vault-saving = Guardando…
vault-saved = Guardada { $time }
vault-unsaved = Guardada { $time }. Lo nuevo desde entonces se guarda enseguida.
vault-never = Aún sin guardar
vault-full = Tu nodo no tiene más espacio para ella.
vault-failing = No se ha podido guardar. La última es de { $time }. Se volverá a intentar sola.
vault-failing-never = Aún no se ha podido guardar. Se volverá a intentar sola.
vault-save = Guardar ahora
vault-fine = Como debe ser
vault-unreachable = No se puede llegar a él
vault-missing = El nodo no tiene copia, o la ha perdido
vault-rolled-back = El nodo muestra una copia más antigua que la que tenía. Guarda ahora o elige otro nodo
vault-damaged = Lo que tiene el nodo está dañado. Guarda ahora o elige otro nodo
vault-too-new = Escrita por una versión más nueva de ZeChat
vault-node-full = No queda espacio en el nodo
passphrase-title = Frase de contraseña
passphrase-lead = Un segundo secreto además de las palabras: quien encuentre solo las palabras no puede abrir la copia. Si la olvidas, la copia se pierde.
passphrase-is-set = Hay una frase de contraseña.
passphrase-is-not-set = No hay frase de contraseña.
passphrase-new = Nueva frase de contraseña
passphrase-set = Ponerla
passphrase-change = Cambiarla
passphrase-remove = Quitarla
passphrase-done = Hecho. La copia se ha guardado con ella.
passphrase-field = Frase de contraseña
passphrase-field-hint = Solo si has puesto una.
stolen-title = ¿Perdida o robada?
stolen-lead = Si alguien más tiene una copia de los datos de este navegador o de un dispositivo, recupera tu identidad con la frase de recuperación.
stolen-open = Recuperarla
stolen-place = Recupera tu identidad
stolen-what = Qué ocurre
stolen-1 = Se crean claves nuevas. Ninguna otra copia, tampoco la del ladrón, puede ya escribir en tu nombre ni recoger tu correo.
stolen-2 = Tus contactos ven un aviso de que usas claves nuevas, y se les pide comparar contigo el número de seguridad.
stolen-3 = Lo que el ladrón cambió de tu identidad en las últimas 72 horas se deshace.
stolen-4 = Lo que la otra copia ya tiene, lo puede seguir leyendo. Nada puede cambiar eso.
stolen-5 = Recibes una nueva frase de recuperación. La antigua queda gastada.
stolen-here-lead = Se crean claves nuevas y las demás copias quedan fuera. Se avisa a tus contactos. Tus conversaciones se quedan aquí.
stolen-passphrase-hint = Si has puesto una. Seguirá valiendo junto a la frase nueva; si lo dejas vacío, la copia nueva no tendrá ninguna.
stolen-do = Crear claves nuevas y dejar fuera a los demás
stolen-sure = Entiendo que se avisa a mis contactos
stolen-sure-needed = Confirma esto primero.
stolen-without = Seguir sin mis contactos y conversaciones. No se podrán recuperar después. Para esto hace falta el enlace de contacto.
rotate-title = Claves nuevas
rotate-lead = Sustituye las claves de esta identidad, si crees que alguien puede haberlas visto. Tu frase de recuperación sigue siendo la misma.
rotate-do = Crear claves nuevas
rotate-sure-title = ¿Crear claves nuevas?
rotate-explained = Todos tus contactos ven un aviso claro de que usas claves nuevas, y deberían volver a comparar contigo el número de seguridad. Las demás copias de esta identidad quedan fuera.
rotate-done = Ya usas claves nuevas.
reminder = Guarda tu frase de recuperación. Sin ella, perder este navegador es perder tu identidad.
reminder-do = Guardarla ahora
reminder-later = Más tarde
locked-title = Esta copia ha quedado fuera
locked = Las claves de tu identidad se reemplazaron en otro lugar. Esta copia muestra lo que tiene, pero no puede enviar y no le llega nada nuevo.
locked-mine = Si fuiste tú, sigue en el otro navegador. Aquí puedes borrar los datos de este sitio.
locked-not-mine = Si no fuiste tú, alguien tiene tus claves o tu frase de recuperación. Recupera tu identidad enseguida.
locked-banner = Esta copia ha quedado fuera. Desde aquí no se puede enviar nada.
locked-more = ¿Qué es esto?

# --- Restauración -----------------------------------------------------------------------------------

welcome-have-one = Ya tengo una identidad
restore-title = Trae tu identidad aquí
restore-lead = Esta página puede venir de cualquier nodo. Tu identidad no tiene que estar en este.
restore-how = ¿Qué tienes?
restore-way-vault = Mi frase de recuperación
restore-way-file = Un archivo de copia
restore-way-take-back = Mi frase, y alguien más tiene una copia
restore-vault-lead = Contactos, conversaciones y claves vuelven de la copia de tu nodo. Tus contactos no notan nada.
restore-file-lead = Contactos, conversaciones y claves vuelven del archivo. Se abre con tu frase de recuperación.
restore-take-back-lead = Primero vuelve lo que contiene la copia de tu nodo. Después se crean claves nuevas, las demás copias quedan fuera y se avisa a tus contactos.
restore-from = Tu enlace de contacto, o la dirección de tu nodo
restore-from-hint = El enlace que diste a otros, aunque sea antiguo. O solo tu nodo, como https://node.example. Sirve cualquiera de tus nodos.
restore-from-needed = Escribe un enlace de contacto tuyo o la dirección de tu nodo.
restore-file = Archivo de copia
restore-file-chosen = { $name }, { $size }
restore-file-needed = Elige el archivo de copia.
restore-file-bad = Este archivo no se puede leer, o es demasiado grande para una copia.
restore-phrase-needed = Escribe las doce palabras.
restore-do = Restaurar
restore-back = Mejor crear una identidad nueva
restoring-title = Restaurando
restoring-lead = Tu identidad se está trayendo a este navegador.
restoring-asking = Pidiendo la copia a tus nodos
restoring-downloading = Descargándola y abriéndola ({ $done } de { $of })
recovering-title = Recuperando tu identidad
recovering-fetching = Buscando y comprobando tus registros
recovering-keys = Creando claves nuevas
recovering-registering = Avisando a tus nodos
recovering-banner = Tus claves nuevas están hechas, pero ninguno de tus nodos lo sabe todavía. Se les dirá en cuanto uno responda. La frase anterior ya no sirve: apunta ahora la nueva.
recovering-more = Frase nueva

# --- Copia ------------------------------------------------------------------------------------------

backup = Copia y exportación
backup-open = Copia y exportación
backup-file-title = Archivo de copia
backup-file-lead = Todo lo que hay en este navegador en un archivo cifrado. Se abre con tu frase de recuperación, en cualquier nodo.
backup-file-do = Guardar un archivo de copia
export-title = Conversaciones para leer
export-lead = Todas las conversaciones en un archivo. No está cifrado: quien lo tenga puede leerlo.
export-html = Como página para leer (HTML)
export-json = Con firmas, para programas (JSON por líneas)
export-missing = Aquí faltan mensajes.
export-unreadable = Algo que esta versión no puede mostrar.
export-name = Conversaciones de { $name }
file-saving = Preparando el archivo…
file-saved = { $name } está en tus descargas.
file-failed = El navegador no ha guardado el archivo.

# --- Avisos en una conversación ---------------------------------------------------------------------

fork-title = Puede que alguien más use las claves de { $name }
fork-explained = Dos declaraciones firmadas con sus claves se contradicen. No se le envía nada hasta que se aclare. Pregúntale por otra vía, por teléfono por ejemplo.
fork-trust = Seguir con las claves que ya conocía

# --- Lo que puede ir mal ----------------------------------------------------------------------------

error-silent = ZeChat ha tardado demasiado. No se ha perdido nada; vuelve a intentarlo.
error-bad-name = Elige un nombre de 1 a 64 caracteres.
error-bad-link = Esto no es un enlace de contacto, o se perdió algún carácter. Cópialo otra vez, entero.
error-link-too-new = Este enlace lo hizo una versión más nueva de ZeChat. Cambia a ella cuando esta página la ofrezca, o abre el enlace en la página del nodo que nombra.
error-own-link = Ese es tu propio enlace. ¡Dáselo a otra persona!
error-too-many-links =
    { $limit ->
        [one] Hay { $limit } enlace abierto, no puede haber más. Revoca uno que no necesites.
       *[other] Hay { $limit } enlaces abiertos, no puede haber más. Revoca uno que no necesites.
    }
error-empty-text = Aún no hay nada que enviar.
error-text-too-long = Es demasiado largo: en un mensaje caben como mucho { $limit } caracteres, y menos en algunas escrituras.
error-not-found = Ya no está aquí. Carga de nuevo la página para ver lo que hay.
error-wrong-state = Ya no es posible: algo ha cambiado mientras tanto. Míralo otra vez y repítelo si todavía lo quieres.
error-number-differs = Ese es otro número. Si ambos veis lo que comparasteis, puede que haya alguien en medio: no te fíes de este contacto hasta que coincida.
error-no-identity = Todavía no hay ninguna identidad en este navegador. Crea una, o trae la tuya.
error-identity-exists = Ya hay una identidad en este navegador. Abre la página otra vez para usarla.
error-not-connected = Ahora no tienes conexión con tu nodo. Inténtalo cuando la tengas.
error-node-unreachable = No se puede llegar a tu nodo. Comprueba la conexión y la dirección e inténtalo de nuevo.
error-node-misbehaves = Tu nodo ha respondido algo que ningún nodo debería decir. Inténtalo más tarde, o usa otro nodo.
error-clock-wrong = El reloj de este dispositivo y el del nodo no coinciden. Si el de este dispositivo está mal, ponlo en hora e inténtalo otra vez.
error-their-node-unreachable = Ahora no se puede llegar a su nodo. Inténtalo más tarde.
error-identity-unknown = Su nodo no sabe quién es. Puede que el enlace sea antiguo: pide uno nuevo.
error-locked-out = Tus claves se sustituyeron en otro lugar, así que esta copia puede leer y ya no escribir. Si no fuiste tú, recupera tu identidad con tu frase de recuperación.
error-bad-node = Esto no es la dirección de un nodo. Pregunta a quien lo lleva; se parece a https://node.example.
error-node-listed = Este nodo ya es uno de los tuyos. Elige otro.
error-too-many-nodes = No puedes tener más nodos. Quita uno antes.
error-last-node = Es el único nodo donde tus contactos pueden dejar mensajes. Añade otro antes.
error-wrong-phrase = Es una frase de recuperación, pero no la de esta identidad. Busca la correcta.
error-identity-invalid = Lo que su nodo dice de esta persona no es correcto. No te fíes de este enlace; pídeselo otra vez por otra vía.
error-phrase-count = Una frase de recuperación tiene 12 palabras; estas son { $found }.
error-phrase-word = La palabra { $number } no es de una frase de recuperación. Busca un error al escribir.
error-phrase-checksum = Una palabra está mal, o dos han cambiado de lugar. Compara cada una con lo que escribiste.
error-wrong-passphrase = La frase de recuperación es correcta, la de contraseña no. Importan mayúsculas y minúsculas.
error-no-vault = Ningún nodo muestra nada guardado para esta frase. Si había algo, puede que un nodo lo oculte: prueba con la dirección de otro de tus nodos o con un archivo de copia.
error-vault-damaged = Lo guardado está dañado y no se ha usado. Prueba con otro de tus nodos o con un archivo de copia.
error-vault-too-new = Lo guardó una versión más nueva de ZeChat. Cambia a ella cuando esta página la ofrezca, o usa la página de otro nodo.
error-vault-full = En tu nodo no queda espacio para ello. Pregunta a quien lo lleva, o múdate a otro.
error-phrase-not-kept = Confirmaste tu frase de recuperación, así que este dispositivo ya no guarda las palabras.
error-bad-origin = Esto no es ni un enlace de contacto ni la dirección de un nodo. Cópialo otra vez, entero.
error-storage = El navegador no ha podido guardarlo. Carga de nuevo la página e inténtalo otra vez. Dice: { $detail }
error-no-room = No queda espacio para ello en este dispositivo. Libera un poco e inténtalo otra vez. Lo que has escrito sigue aquí.
error-internal = Algo ha ido mal en ZeChat: { $detail }. Carga de nuevo la página; si sigue igual, cuéntanoslo con estas palabras.

# La respuesta de un nodo, por su código fijo.
problem =
    { $code ->
        [own-node-misbehaves] ZeChat ha dejado de intentarlo: el nodo ha respondido algo que ningún nodo debería decir. Inténtalo más tarde, o usa otro nodo.
        [own-wrong-node] ZeChat no ha entrado: en esta dirección responde otro nodo. Pregunta a quien lo lleva qué ha cambiado.
        [own-last-node] ZeChat lo conserva: es el único nodo donde tus contactos pueden dejar mensajes. Añade otro antes.
        [own-not-found] ZeChat ya no tiene el contacto al que iba dirigido.
        [own-wrong-state] ZeChat no lo ha enviado: el contacto está bloqueado o ya no acepta mensajes.
        [own-bad-node] ZeChat no lo ha enviado: la dirección del nodo del contacto no es válida. Pídele un enlace nuevo.
        [own-no-postage] ZeChat no lo ha enviado: su nodo no dice cuánto cuesta un primer mensaje. Inténtalo más tarde.
        [own-internal] Algo ha ido mal en el propio ZeChat. Carga de nuevo la página e inténtalo otra vez.
        [malformed] El nodo no ha entendido a ZeChat. Uno de los dos necesita actualizarse: cambia a una versión más nueva cuando esta página la ofrezca, o pregunta a quien lleva el nodo.
        [too_large] Al nodo le ha parecido demasiado grande.
        [not_found] El nodo no lo tiene.
        [unknown_mailbox] Su nodo dice que el buzón ya no existe: puede que te haya bloqueado o se haya mudado.
        [mailbox_moved] Su nodo dice que se ha mudado, y nadie dice aún adónde. Inténtalo más tarde.
        [mailbox_full] Su nodo dice que su buzón está lleno. Inténtalo cuando haya pasado por allí.
        [node_full] El nodo dice que no le queda espacio. Inténtalo más tarde.
        [wrong_size] El nodo ha rechazado el tamaño del mensaje. Uno de los dos necesita actualizarse: cambia a una versión más nueva cuando esta página la ofrezca, o pregunta a quien lleva el nodo.
        [postage_required] Su nodo pide más prueba de trabajo para un primer mensaje de la que se envió. Inténtalo de nuevo: ZeChat la hará.
        [invalid_signature] El nodo dice que la firma no encaja. Carga de nuevo la página e inténtalo otra vez.
        [invalid_record] El nodo dice que los registros de esta identidad no cumplen las reglas. Carga de nuevo la página e inténtalo otra vez.
        [stale_record] El nodo tiene un estado más nuevo de esta identidad, de otra copia.
        [forked_record] El nodo tiene otra historia de esta identidad. Puede que alguien use tus claves: recupera tu identidad si no fuiste tú.
        [stale_key_package] El nodo tiene una clave más nueva de esta identidad, de otra copia.
        [registration_closed] El nodo no admite a nadie nuevo. Elige otro.
        [invite_required] El nodo solo admite gente con invitación. Pide una a quien lo lleva.
        [invite_invalid] El nodo dice que la invitación está usada, es demasiado antigua o no es suya. Pide una nueva.
        [account_blocked] Quien lleva el nodo ha bloqueado esta identidad. Puedes mudarte a otro nodo.
        [node_closing] El nodo se está cerrando. Múdate a otro.
        [not_this_node] El nodo dice que no está entre los de esta identidad. Añádelo de nuevo o usa otro.
        [unauthorized] El nodo no deja entrar a esta identidad. Pregunta a quien lo lleva o usa otro nodo.
        [key_replaced] El nodo dice que las claves de esta identidad se sustituyeron: esta copia ha quedado fuera.
        [login_expired] El nodo dice que el reloj de este dispositivo está mal. Ponlo en hora e inténtalo otra vez.
        [unknown_identity] El nodo no conoce esta identidad. Añádelo de nuevo o usa otro.
        [vault_full] Al nodo no le queda espacio para la copia.
        [stale_vault] El nodo tiene una copia más nueva, de otro dispositivo. Se volverá a intentar solo.
        [missing_chunk] El nodo ha perdido una parte de la copia. Se enviará otra vez sola.
        [peer_refused] Los dos nodos no hablan entre sí. Eso lo deciden quienes los llevan.
        [peer_unreachable] Tu nodo dice que no puede llegar al suyo. Se volverá a intentar solo.
        [peer_misbehaves] Tu nodo dice que el suyo ha respondido algo que ningún nodo debería decir.
        [private_address] Tu nodo no permite la dirección del suyo: es de una red privada. Pregunta a quien lleva tu nodo.
        [rate_limited] El nodo dice que ha sido demasiado de golpe. Espera un poco.
        [too_many_connections] El nodo tiene demasiadas conexiones. Espera un poco.
        [undeliverable] Tu nodo no ha podido llegar al suyo en dos días. Inténtalo más tarde.
        [cannot_open] Su nodo no ha podido abrirlo: su clave ha cambiado. Inténtalo de nuevo.
        [unavailable] El nodo dice que ahora no está disponible. Inténtalo más tarde.
        [internal] El nodo dice que algo ha ido mal allí. Inténtalo más tarde.
       *[other] El nodo lo ha rechazado ({ $code }).
    }

# --- Bloqueo ----------------------------------------------------------------------------------------

lock-open = Bloqueo
lock-title = Bloqueo
lock-what = Qué hace un bloqueo
lock-is-set = Hay un bloqueo.
lock-is-not-set = No hay bloqueo: quien abra este navegador puede leerlo todo.
lock-lead = Tus claves y mensajes se guardan cifrados con tu frase de contraseña. Mientras esté cerrado nadie puede leerlos y no llega nada; los mensajes esperan en tu nodo.
lock-now = Bloquear ahora
lock-auto = Bloquear solo cuando no haya nadie
lock-auto-never = Nunca
lock-auto-hint = También se bloquea al cerrar la última pestaña de ZeChat o al recargarla.
lock-set-title = Poner un bloqueo
lock-set-lead = Elige una frase de contraseña de varias palabras. No se guarda en ningún sitio y nadie puede restablecerla: quien la olvida restaura la identidad con la frase de recuperación.
lock-new = Nueva frase de contraseña
lock-new-hint = Al menos 8 caracteres; cuatro palabras al azar están bien.
lock-again = La misma otra vez
lock-differ = No son iguales.
lock-set = Poner el bloqueo
lock-setting = Cifrando lo guardado…
lock-current = Frase de contraseña actual
lock-change-title = Cambiar la frase de contraseña
lock-change = Cambiarla
lock-changed = La frase de contraseña ha cambiado.
lock-remove-title = Quitar el bloqueo
lock-remove-lead = Después, quien abra este navegador puede leerlo todo.
lock-remove = Quitar el bloqueo
lock-passkeys = Llaves de acceso
lock-passkeys-lead = Una huella, la cara o una llave de seguridad en vez de escribir. La frase de contraseña sirve siempre.
lock-passkeys-count =
    { $count ->
        [0] Ninguna llave de acceso abre este bloqueo.
        [one] { $count } llave de acceso abre este bloqueo.
       *[other] { $count } llaves de acceso abren este bloqueo.
    }
lock-passkey-add = Añadir una llave de acceso
lock-passkeys-remove = Quitar todas las llaves de acceso
lock-closed = ZeChat está bloqueado
lock-passphrase = Frase de contraseña
lock-unlock = Desbloquear
lock-opening = Comprobando…
lock-with-passkey = Usar una llave de acceso
lock-forgotten = ¿Has olvidado la frase de contraseña?
lock-forgotten-what = Sin ella nadie puede abrir este bloqueo. Borra lo guardado aquí y recupera tu identidad con la frase de recuperación: vuelve todo lo que estaba guardado en tu nodo.
lock-forgotten-sure = Tengo mi frase de recuperación, o no necesito nada de lo que hay aquí.
lock-forgotten-delete = Borrarlo y empezar de nuevo
lock-wrong = Esa no es la frase de contraseña. Importan mayúsculas y minúsculas.
lock-wrong-passkey = Esta llave de acceso no abre el bloqueo. Usa la frase de contraseña.
lock-too-short = Usa al menos { $count } caracteres.
lock-wrong-state = El bloqueo cambió en otra pestaña. Míralo de nuevo y repite.
passkey-missing = Este navegador no tiene llaves de acceso para esta página. La frase de contraseña sirve.
passkey-refused = No se usó la llave de acceso: se canceló o tardó demasiado.
passkey-no-function = Esta llave o este navegador no puede abrir bloqueos (le falta la extensión PRF). La frase de contraseña sirve.
passkey-failed = La llave de acceso no funcionó: { $detail }
reminder-lock = Protege con un bloqueo lo que hay en este navegador.
reminder-lock-do = Poner un bloqueo

# --- Varias identidades -----------------------------------------------------------------------------

identities = Identidades en este navegador
identities-hint = Cada una tiene sus claves, sus mensajes y su bloqueo; no saben nada unas de otras. Las demás pestañas siguen con la suya.
identity-here = esta
identity-new = Otra identidad
evicted-title = Este navegador ha borrado a { $name }
evicted-what = Las claves y los mensajes ya no están en este navegador: se quedó sin espacio, se borraron sus datos o la página no se abrió en mucho tiempo. A tu identidad no le pasa nada.
evicted-way = Recupérala con la frase de recuperación o con un archivo de copia. Los mensajes que no se recogieron esperan en tu nodo.
evicted-restore = Recuperarla
evicted-forget = No la necesito
evicted-install = Los navegadores guardan más tiempo los datos de las páginas instaladas: añade ZeChat a tu pantalla de inicio o al dock.
other-program = Hay una versión más nueva de ZeChat. Tus borradores en las conversaciones se conservan.
other-program-switch = Cambiar a ella
