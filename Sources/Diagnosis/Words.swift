// What people read, in Chinese.

extension Level {
  public var chinese: String {
    switch self {
    case .notice: "提示"
    case .warning: "预警"
    case .alarm: "警报"
    }
  }
}

extension Warning.State {
  public var chinese: String {
    switch self {
    case .raised: "已预警"
    case .acknowledged: "已确认"
    case .improving: "改进中"
    case .verified: "已验证"
    case .reopened: "已重开"
    case .closed: "已关闭"
    }
  }
}

extension Warning.Step.Kind {
  public var chinese: String {
    switch self {
    case .raised: "预警"
    case .worsened: "加重"
    case .eased: "减轻"
    case .acknowledged: "确认"
    case .improving: "改进措施"
    case .verified: "验证有效"
    case .reopened: "重开"
    case .escalated: "升级"
    case .corrected: "数据更正"
    case .closed: "关闭"
    }
  }
}

extension Standard.Layer {
  public var chinese: String {
    switch self {
    case .school: "学校"
    case .programme: "专业"
    case .college: "学院"
    case .course: "课程"
    case .teacher: "教师"
    case .student: "学生"
    case .place: "场所"
    case .device: "设备"
    }
  }
}
