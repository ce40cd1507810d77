import DeviceProtocol

extension AggregateItem {
  /// Appends the contract's object (contracts, section Diagnosis core contract).
  public func appendJSON(to bytes: inout ContiguousArray<UInt8>) {
    func text(_ before: StaticString, _ value: String) {
      JSONText.append(before, to: &bytes)
      JSONText.appendQuoted(value, to: &bytes)
    }
    func number(_ before: StaticString, _ value: Int64) {
      JSONText.append(before, to: &bytes)
      JSONText.append(value, to: &bytes)
    }
    text("{\"aggregate\":", key.kind.description)
    text(",\"scope\":", key.scope.description)
    text(",\"id\":", key.id)
    text(",\"grain\":", key.grain.description)
    number(",\"window\":{\"start\":", key.start)
    number(",\"end\":", key.end)
    number("},\"revision\":", revision)
    JSONText.append(isFinal ? ",\"final\":true" : ",\"final\":false", to: &bytes)
    number(",\"completeness\":{\"devices_expected\":", devicesExpected)
    number(",\"devices_heard\":", devicesHeard)
    JSONText.append("},\"measures\":", to: &bytes)
    measures.appendJSON(to: &bytes)
    JSONText.append("}", to: &bytes)
  }

  /// A CloudEvents 1.0 event in JSON format. `source`: the gateway's client id, `/`, and the log's UUID.
  public func event(source: String) -> [UInt8] {
    var bytes: ContiguousArray<UInt8> = []
    bytes.reserveCapacity(640)
    func text(_ before: StaticString, _ value: String) {
      JSONText.append(before, to: &bytes)
      JSONText.appendQuoted(value, to: &bytes)
    }
    text("{\"specversion\":\"1.0\",\"type\":", "cn.campus.aggregate.\(key.kind.description).v1")
    text(",\"source\":", source)
    text(",\"id\":", eventID)
    text(",\"time\":", RFC3339.text(watermark))
    JSONText.append(",\"datacontenttype\":\"application/json\",\"data\":", to: &bytes)
    appendJSON(to: &bytes)
    JSONText.append("}", to: &bytes)
    return Array(bytes)
  }
}
