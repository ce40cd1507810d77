import Foundation
import Operations

/// What a command asks of a running gateway, one JSON line over the socket in the data folder.
enum ControlRequest: Codable, Sendable {
  case status
  /// Settings of the connection that writes.
  case pragmas
  case reload
  /// `inForce`: false where more follow; the last puts them all in force.
  case addKeys([NewKey], keepOld: Bool, inForce: Bool)
  case revokeKeys(site: String, device: String, keepNewest: Bool)
  case replay([Int64])
  case discard([Int64])
  case resend([Int64])
  case forgetPutAside([Int64])
  case warning(id: Int64, WarningStep)

  struct NewKey: Codable, Sendable {
    var site: String
    var device: String
    var key: String
    var kid: String?
  }
}

/// What a person does about a warning.
enum WarningStep: Codable, Sendable {
  case acknowledge(by: String, note: String?)
  case improve(by: String, measure: String)
  case close(by: String, note: String?)
}

struct ControlResponse: Codable, Sendable {
  /// nil: done.
  var problem: String?
  var count: Int?
  var running: RunningStatus?
  var outcomes: [ReplayOutcome]?
  var pragmas: [String: String]?
}

/// How a replayed message ended.
struct ReplayOutcome: Codable, Sendable {
  var id: Int64
  var outcome: String
  var reason: String?
}
