# Español. Lo que falta aquí aparece en inglés.

app-name = ZeChat

opening = Abriendo tus mensajes…
engine-silent-title = ZeChat no responde
engine-silent = La parte que guarda tus mensajes no ha arrancado. Quizá la tenga otra pestaña: cierra las demás pestañas de ZeChat y vuelve a intentarlo. No se ha perdido nada.
engine-broken-title = ZeChat no puede funcionar aquí
try-again = Volver a intentar
reload = Cargar de nuevo
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
welcome-point-keys = Tus claves nunca salen de este navegador
welcome-point-nodes = Funciona entre nodos; múdate cuando quieras
welcome-point-lost = Nada se pierde en silencio
creating-title = Creando tu identidad
creating-lead = Se crea aquí, en este navegador. Tarda unos segundos, una sola vez.
creating-failed = No ha funcionado

contact-new = Contacto nuevo · { $node }
me = Tú
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
preview-draft = Borrador:
preview-mine = Tú:
preview-blocked = Bloqueado
preview-gap = Faltan mensajes
preview-newer = Un mensaje para una versión más nueva
preview-cannot-open = Un mensaje que no se puede abrir
preview-connected = Ya podéis hablar
preview-broken = Aquí hay algo que no cuadra
preview-nothing = Todavía no hay nada escrito
preview-deleted = Mensaje eliminado
preview-expired = Un mensaje que ha desaparecido
detail-first-title = Empieza tu primera conversación
detail-first = Da tu enlace a alguien o abre el suyo.
detail-empty-title = Elige una conversación
detail-empty = O empieza una nueva: da tu enlace a alguien.
link-title = Tu enlace
link-lead = Quien lo abra puede pedir escribirte. No contiene ningún nombre ni secreto.
copy = Copiar
copied = Copiado
copy-failed = El navegador no lo ha permitido. Selecciona el texto y cópialo a mano.
share = Compartir
paste-title = ¿Alguien te ha dado un enlace?
paste-label = Su enlace
paste-open = Abrir
paste-looking = Buscando…
preview-title = Saluda
first-message = Tu primer mensaje
first-message-send = Enviar solicitud
asked-notice = Esperando a que acepte. Lo que escribas mientras tanto se entregará en cuanto lo haga.
home = A tus conversaciones
requests-title = Solicitudes
requests-lead = Personas que aún no conoces. No saben nada hasta que aceptes: ni que has leído esto ni que estás ahí.
requests-empty-title = Ninguna solicitud
request-says = se llama a sí mismo
request-accept = Aceptar
request-refuse = Rechazar
request-block = Bloquear

back = Atrás
messages-with = Mensajes con { $name }
message-from = { $name }, { $time }: { $text }
loading-messages = Cargando mensajes…
loading-older = Cargando mensajes anteriores…
loading-newer = Cargando mensajes más nuevos…
messages-empty = Aún no hay mensajes. ¡Saluda!
beginning = Aquí empezó vuestra conversación.
day-today = Hoy
day-yesterday = Ayer
unread-here = Mensajes nuevos
jump-latest = Ir al último mensaje
state-accepted = Cifrado de extremo a extremo
state-asked = Aún no ha aceptado
state-asking = Quiere hablar contigo
state-blocked = Bloqueado
is-typing = está escribiendo…
verify = Número de seguridad
verified = Verificado
verified-no-more = Comparado antes, pero las claves son nuevas
conversation-menu = Más
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
entry-newer = Este mensaje necesita una versión más nueva de ZeChat.
entry-connected = Estáis conectados. Solo vosotros dos podéis leer lo que escribáis aquí.
entry-edited = modificado
entry-disappears = Desaparece
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
composer-label = Mensaje para { $name }
composer-placeholder = Escribe un mensaje
composer-send = Enviar
message-options = Opciones
message-react = Reaccionar
message-reply = Responder
message-copy = Copiar el texto
message-edit = Modificar
message-info = Detalles
message-delete = Eliminar
emoji-choose = Elegir un emoji
emoji-more = Más emojis
quote-gone = Un mensaje que ya no está aquí
replying = Respondiendo
editing = Modificando tu mensaje
edit-save = Guardar el cambio
delete-title = ¿Eliminar este mensaje?
delete-explained = Para ambos: se pide a su dispositivo que también lo elimine, y verás si lo hizo. No recupera lo ya leído o copiado.
delete-here-explained = Se elimina de este navegador. La otra persona lo conserva.
delete-here = Eliminar aquí
delete-both = Eliminar para ambos
info-title = Detalles
info-sent = Escrito
info-stored = Llegó aquí
info-versions = Textos anteriores
timer-title = Mensajes temporales
timer-explained = Los mensajes nuevos de ambos se eliminan en los dos lados pasado este tiempo desde el envío. Se avisa a la otra persona. Lo que ya está aquí se queda.
timer-off = No
pin = Fijar
unpin = Dejar de fijar
pinned = Fijado
mute = Silenciar
mute-hours = Silenciar 8 horas
unmute = Dejar de silenciar
muted = Silenciado
archive = Archivar
unarchive = Sacar del archivo
filter-all = Todas
filter-unread = Sin leer
filter-archived = Archivadas ({ $count })
filter-none = Aquí no hay nada.
search-label = Buscar mensajes
search-clear = Borrar la búsqueda
search-none = No se ha encontrado nada.
search-where = Se busca en los mensajes de este navegador, sin preguntar a nadie.
safety-title = Número de seguridad
safety-lead = Compara estos números con { $name }, de viva voz o en persona. Si ambos veis los mismos, no hay nadie en medio.
safety-same = Son iguales
safety-scan = Leer su código
safety-verified = Lo has comparado: es quien crees. Sigue valiendo si se muda a otro nodo.
safety-changed = Alguno de los dos tiene claves nuevas desde que lo comparaste. Compáralo otra vez antes de fiarte.

connection-connecting = Conectando…
connection-online = Conectado
connection-idle = Sin conexión
connection-offline-short = Sin conexión
connection-try-now = Intentar ahora

settings-profile = Perfil
settings-name = Tu nombre
settings-name-save = Guardar
settings-name-saved = Guardado
settings-privacy = Privacidad
settings-receipts = Enviar confirmaciones
settings-typing = Mostrar que escribes
settings-notify = Notificaciones
notify-off = Ninguna
notify-quiet = Que hay un mensaje
notify-name = Quién escribe
notify-text = Quién escribe, y el mensaje
notice-message = Mensaje nuevo
settings-appearance = Apariencia
appearance-system = Sistema
appearance-light = Claro
appearance-dark = Oscuro
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
settings-identity = Identidad y nodo
settings-about = Acerca de
settings-version = Versión
settings-licence = Licencia
settings-danger = Zona de peligro
danger-delete = Eliminar todo aquí
danger-title = ¿Eliminar todo lo que hay en este navegador?
keys-title = Teclas
error-silent = ZeChat ha tardado demasiado. No se ha perdido nada; vuelve a intentarlo.
error-bad-link = Esto no es un enlace de contacto, o se perdió algún carácter. Cópialo otra vez, entero.
error-wrong-state = Ya no es posible: algo ha cambiado mientras tanto.
error-node-unreachable = No se puede llegar a tu nodo. Comprueba la conexión y la dirección e inténtalo de nuevo.

# --- Bloqueo --------------------------------------------------------------------------------------

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
lock-forgotten = ¿Has olvidado la frase?
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

# --- Varias identidades ---------------------------------------------------------------------------

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
other-program = Hay una versión más nueva de ZeChat. Tus borradores se conservan.
other-program-switch = Cambiar a ella
