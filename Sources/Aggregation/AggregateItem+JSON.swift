import DeviceProtocol

extension AggregateItem {
  /// Appends the contract's object (contracts, section Diagnosis core contract).
  public func appendJSON(to bytes: inout ContiguousArray<UInt8>) {
    func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }
    raw("{\"aggregate\":\"\(key.kind)\",\"scope\":\"\(key.scope)\",\"id\":")
    JSONText.appendQuoted(key.id.utf8, to: &bytes)
    raw(",\"grain\":\"\(key.grain)\",\"window\":{\"start\":\(key.start),\"end\":\(key.end)}")
    raw(",\"revision\":\(revision),\"final\":\(isFinal),\"completeness\":{\"devices_expected\":\(devicesExpected)")
    raw(",\"devices_heard\":\(devicesHeard)},\"measures\":")
    measures.appendJSON(to: &bytes)
    raw("}")
  }

  /// A CloudEvents 1.0 event in JSON format. `source`: the gateway's client id, `/`, and the log's UUID.
  public func event(source: String) -> [UInt8] {
    var bytes: ContiguousArray<UInt8> = []
    func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }
    raw("{\"specversion\":\"1.0\",\"type\":\"cn.campus.aggregate.\(key.kind).v1\",\"source\":")
    JSONText.appendQuoted(source.utf8, to: &bytes)
    raw(",\"id\":")
    JSONText.appendQuoted(eventID.utf8, to: &bytes)
    raw(",\"time\":\"\(RFC3339.text(watermark))\",\"datacontenttype\":\"application/json\",\"data\":")
    appendJSON(to: &bytes)
    raw("}")
    return Array(bytes)
  }
}
