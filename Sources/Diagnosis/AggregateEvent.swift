/// A revision of an aggregate as a diagnosis core is told of it: what one event of a batch says.
public struct AggregateEvent: Sendable {
  /// As it was sent; nil: it comes from this process, where only a warning needs one.
  var sentID: String?
  /// The gateway's client id, `/`, and the log's UUID.
  public var source: String
  /// The gateway's watermark, milliseconds UTC.
  public var time: Int64
  public var observation: Observation
  /// The unit the aggregate belongs to, where the gateway tells it.
  public var unit: String?

  public init(source: String, time: Int64, observation: Observation, unit: String? = nil) {
    self.source = source
    self.time = time
    self.observation = observation
    self.unit = unit
  }

  /// Of one that was not sent, the contract's: `{aggregate}/{scope}/{id}/{grain}/{window start}/{revision}`.
  var id: String {
    if let sentID { return sentID }
    let about = "\(observation.aggregate.rawValue)/\(observation.scope)/\(observation.subject)"
    return "\(about)/\(observation.grain)/\(observation.window.start)/\(observation.revision)"
  }
}
