/// Everything an installation may set, with its defaults: the keys of `config/gateway.yaml`.
///
/// Relative paths are relative to the folder in which the command runs, as in every other command's arguments.
struct Configuration: Sendable, Equatable {
  /// IANA name of the time zone in which the campus counts its days.
  var siteTimeZone = "Asia/Shanghai"
  var mqtt = MQTT()
  var store = Store()
  var campus = Campus()
  var http = HTTP()
  var aggregation = Aggregation()
  var diagnosis = Diagnosis()
  var receipts = Receipts()
  var clock = Clock()
  var limits = Limits()
  var log = Log()

  struct MQTT: Sendable, Equatable {
    var host = "127.0.0.1"
    var port = 1883
    var clientID = "campus-gateway-1"
    var username: String?
    var passwordFile: String?
    var tls = TLS()
    /// Connections that share the subscriptions.
    var lanes = 1
    var subscriptions = ["campus/v1/+/+/up", "campus/v1/+/+/json", "campus/v1/+/+/state"]
  }

  struct TLS: Sendable, Equatable {
    /// PEM file of the authorities that may vouch for the broker. This or a certificate turns TLS on.
    var ca: String?
    var certificate: String?
    var key: String?

    var isEnabled: Bool { ca != nil || certificate != nil }
  }

  struct Store: Sendable, Equatable {
    var path = "data/gateway.sqlite"
    var retentionDays = 400
    var quarantineDays = 90
  }

  struct Campus: Sendable, Equatable {
    var directory = "config/campus"
    var keyFile = "data/master.key"
  }

  struct HTTP: Sendable, Equatable {
    var host = "127.0.0.1"
    /// 0: any that is free.
    var port = 8080
    var tokenFile: String?
    var tls = ServerTLS()
  }

  struct ServerTLS: Sendable, Equatable {
    /// PEM files of the certificate chain and its key. Both or neither; with them the page is on https.
    var certificate: String?
    var key: String?
  }

  struct Aggregation: Sendable, Equatable {
    /// A check-in up to and including so long after the start is present, later it is late.
    var lateAfterMinutes = 10
    /// Local time of day, `HH:MM`, from which an entry into a dormitory is a late return.
    var curfew = "23:00"
  }

  struct Diagnosis: Sendable, Equatable {
    var embedded = true
    var standards = "config/standards.yaml"
    /// Where aggregates are posted besides.
    var url: String?
    /// PEM file of the authorities that may vouch for `url`; nil: those of the system.
    var ca: String?
    var secretFile: String?
  }

  struct Receipts: Sendable, Equatable {
    var minimumIntervalMilliseconds = 1_000
  }

  struct Clock: Sendable, Equatable {
    var toleranceMilliseconds = 300_000
  }

  struct Limits: Sendable, Equatable {
    var frameBytes = 16_384
    var batchReadings = 5_000
    var commitIntervalMilliseconds = 1
    /// 0: no limit. Over it a frame waits; it is never refused.
    var deviceFramesPerSecond = 0
  }

  struct Log: Sendable, Equatable {
    enum Format: String, Sendable, CaseIterable {
      case text, json
    }

    enum Level: String, Sendable, CaseIterable {
      case trace, debug, info, notice, warning, error, critical
    }

    var level = Level.info
    var format = Format.text
  }
}
