import Campus
import CampusDevice
import Foundation
import Testing

@testable import campus_simulator

@Suite struct DeviceAgentTests {
  private func plan(_ devices: [SimulatedDevice]) -> RunPlan {
    RunPlan(
      seed: 1, broker: BrokerAddress(host: "127.0.0.1", port: 1), devices: devices, connections: 1, lanes: 1,
      clock: SimulatedClock(start: 1_788_741_000_000, speed: 1, seconds: nil, leadIn: 0),
      source: .load(Load(framesPerSecond: 1, frames: 1, readingsPerFrame: 1, people: 0)), endTime: nil,
      drainMilliseconds: 0, cards: CardBook(Campus(), seed: 1), outbox: OutboxMemory.Size(bytes: 8_192, slots: 16),
      misbehaviour: Misbehaviour(), ledger: nil, recordsTransmissions: false)
  }

  private func agent(usesJSON: Bool) -> (DeviceAgent, LaneWork) {
    let name = Device.Name(site: "main", device: "term-1")
    let device = SimulatedDevice(
      name: name, role: .terminal, usesJSON: usesJSON, key: Keys.derived(seed: 1, name: name))
    let plan = plan([device])
    let work = LaneWork(plan: plan)
    let agent = DeviceAgent(device, index: 0, plan: plan)
    agent.start(keeps: false, now: 1_000, work)
    return (agent, work)
  }

  private func compose(_ agent: DeviceAgent, _ work: LaneWork) -> UnsafeBufferPointer<UInt8>? {
    var next = campus_outbox_next(agent.memory.outbox, 1_000)
    var length = 0
    let error = campus_outbox_compose(
      agent.memory.outbox, &next, agent.memory.identity, 1_000, work.message, Int(CAMPUS_MESSAGE_MAX), &length)
    return error == CAMPUS_OK ? UnsafeBufferPointer(start: work.message, count: length) : nil
  }

  @Test func theTwinSaysWhatTheLibraryEncoded() throws {
    let (agent, work) = agent(usesJSON: true)
    let time = agent.at(1_788_741_000_000)
    var checkin = PlannedReading(time: 1_788_741_000_000, device: 0, kind: .checkin)
    checkin.person = -5
    checkin.detail = 1
    var incident = PlannedReading(time: 1_788_741_000_001, device: 0, kind: .incident)
    incident.item = 3
    incident.score = 6
    agent.open = [checkin, incident]
    agent.commit(1_000, work)
    #expect(work.counts.frames == 1)
    #expect(work.counts.readings == 2)
    let message = try #require(compose(agent, work))
    var text = ByteText()
    #expect(JSONTwin.write(message, to: &text))
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(text.bytes)) as? [String: Any])
    #expect(object["v"] as? Int == 1)
    #expect(object["seq"] as? Int == 1)
    let readings = try #require(object["readings"] as? [[String: Any]])
    #expect(readings[0]["kind"] as? String == "checkin")
    #expect(readings[0]["at"] as? UInt64 == time)
    #expect(readings[0]["method"] as? String == "nfc")
    #expect(readings[1]["text"] as? String == Incidents.text(6))
  }

  @Test func aReceiptInJSONLetsTheFrameGo() throws {
    let (agent, work) = agent(usesJSON: true)
    agent.open = [PlannedReading(time: 1_788_741_000_000, device: 0, kind: .checkin, person: -1)]
    agent.commit(1_000, work)
    _ = try #require(compose(agent, work))
    _ = agent.held.sent(epoch: agent.epoch, seq: 1, boot: 1, now: 1_000)
    let receipt =
      "{\"v\":1,\"type\":\"receipt\",\"epoch\":\(agent.epoch),\"through\":1,\"missing\":[[3,4]],\"now\":5,\"echo\":6}"
    Array(receipt.utf8).withUnsafeBufferPointer { agent.receive($0, now: 1_500, work) }
    #expect(work.counts.receipted == 1)
    #expect(agent.held.count == 0)
    #expect(work.latency.quantile(0.5).map { (448...575).contains($0) } == true)
  }

  @Test func whatIsNoReceiptIsRefused() {
    let (agent, work) = agent(usesJSON: false)
    Array("{}".utf8).withUnsafeBufferPointer { agent.receive($0, now: 1_500, work) }
    #expect(work.counts.refusedReceipts == 1)
  }

  @Test func memoryLostInARebootIsGivenUp() {
    let (agent, work) = agent(usesJSON: false)
    agent.open = [PlannedReading(time: 1_788_741_000_000, device: 0, kind: .checkin, person: -1)]
    agent.commit(1_000, work)
    let epoch = agent.epoch
    agent.reboot(keeps: true, now: 2_000, work)
    #expect(agent.held.count == 1)
    #expect(agent.epoch != epoch)
    agent.reboot(keeps: false, now: 3_000, work)
    #expect(agent.held.count == 0)
    #expect(work.counts.abandoned == 1)
  }

  @Test func anOverflowingOutboxGivesUpItsOldestFrames() {
    let (agent, work) = agent(usesJSON: false)
    for _ in 0..<400 {
      agent.open = [PlannedReading(time: 1_788_741_000_000, device: 0, kind: .checkin, person: -1)]
      agent.commit(1_000, work)
    }
    #expect(work.counts.abandoned > 0)
    #expect(agent.held.count == Int(campus_outbox_count(agent.memory.outbox).frames_held))
    #expect(!agent.hasRoom(1_000))
  }
}
